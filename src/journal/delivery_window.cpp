// SPDX-License-Identifier: Apache-2.0
#include "journal/delivery_window.hpp"

#include <algorithm>

namespace millrace {

DeliveryWindow::DeliveryWindow(std::uint16_t size) : size_(size), last_(1u << 16) {}

bool DeliveryWindow::is_inside(const Last& last) const {
  return last.number != 0 && deliveries_ - last.number < size_;
}

bool DeliveryWindow::is_redelivery(const Delivery& delivery, std::uint64_t hash) const {
  if (!delivery.is_duplicate || delivery.qos == 0) return false;
  const auto& last = last_[delivery.packet_id];
  return is_inside(last) && last.hash == hash;
}

void DeliveryWindow::add(const Delivery& delivery, std::uint64_t hash) {
  if (delivery.qos == 0) return;
  auto& last = last_[delivery.packet_id];
  undo_.emplace_back(delivery.packet_id, last);
  last = {++deliveries_, hash};
}

void DeliveryWindow::undo() {
  for (; !undo_.empty(); undo_.pop_back()) {
    last_[undo_.back().first] = undo_.back().second;
    --deliveries_;
  }
}

void DeliveryWindow::clear() {
  std::fill(last_.begin(), last_.end(), Last{});
  undo_.clear();
  deliveries_ = 0;
}

std::vector<WindowItem> DeliveryWindow::items() const {
  constexpr std::uint32_t none = 1u << 16;
  std::vector<std::uint32_t> ids(size_, none);  // by age
  for (std::uint32_t id = 0; id < last_.size(); ++id)
    if (is_inside(last_[id])) ids[deliveries_ - last_[id].number] = id;
  std::vector<WindowItem> items;
  for (auto age = ids.size(); age-- > 0;)
    if (ids[age] != none)
      items.push_back(
          {static_cast<std::uint16_t>(ids[age]), static_cast<std::uint16_t>(age), last_[ids[age]].hash});
  return items;
}

void DeliveryWindow::restore(std::span<const WindowItem> items) {
  clear();
  if (items.empty()) return;
  deliveries_ = items.front().age + 1u;
  for (const auto& item : items) {
    if (item.age >= deliveries_) continue;
    last_[item.packet_id] = {deliveries_ - item.age, item.hash};
  }
}

}  // namespace millrace
