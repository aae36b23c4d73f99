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
  std::vector<WindowItem> items;
  for (std::size_t id = 0; id < last_.size(); ++id)
    if (is_inside(last_[id]))
      items.push_back({static_cast<std::uint16_t>(id),
                       static_cast<std::uint16_t>(deliveries_ - last_[id].number), last_[id].hash});
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.age > b.age; });
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
