// SPDX-License-Identifier: Apache-2.0
#include "journal/delivery_window.hpp"

#include <algorithm>
#include <utility>

namespace millrace {
namespace {

constexpr std::size_t longest_past = 1u << 20;

}  // namespace

DeliveryWindow::DeliveryWindow(std::uint16_t size) : size_(size), last_(1u << 16) {}

bool DeliveryWindow::is_inside(const Last& last) const {
  return last.number != 0 && deliveries_ - last.number < size_;
}

DeliveryWindow::Past& DeliveryWindow::past(Number number) {
  const auto at = (number - 1) % longest_past;
  if (at >= past_.size()) past_.resize(at + 1);
  return past_[at];
}

// Only one whose payload did not come a second time: among payloads that recur, one that was on its way
// when the connection broke cannot be told from one that came a cycle of packet ids before.
DeliveryWindow::Number DeliveryWindow::find_old(const Past& wanted) {
  Number found = 0;
  for (auto number = oldest_; number <= deliveries_; ++number) {
    if (past(number).hash != wanted.hash) continue;
    if (found != 0) return 0;
    found = number;
  }
  const bool is_in_order = found != 0 && found >= search_.next && deliveries_ - found >= size_;
  return is_in_order && past(found) == wanted ? found : 0;
}

bool DeliveryWindow::is_redelivery(const Delivery& delivery, std::uint64_t hash) {
  if (!delivery.is_duplicate || delivery.qos == 0 || size_ == 0) return false;
  const Past wanted{hash, delivery.packet_id};
  if (search_.next != 0 && search_.next <= deliveries_ && past(search_.next) == wanted) {
    ++search_.next;
    return true;
  }
  const auto& last = last_[delivery.packet_id];
  if (is_inside(last) && last.hash == hash) {
    search_ = {};
    return true;
  }
  if (!search_.is_open) return false;
  const auto found = find_old(wanted);
  search_ = {.is_open = found != 0, .next = found == 0 ? 0 : found + 1};
  return found != 0;
}

void DeliveryWindow::add(const Delivery& delivery, std::uint64_t hash) {
  if (delivery.qos == 0) return;
  search_ = {};
  ++deliveries_;
  if (deliveries_ > longest_past) oldest_ = std::max(oldest_, deliveries_ - longest_past + 1);
  const Past added{hash, delivery.packet_id};
  auto& last = last_[delivery.packet_id];
  undo_.push_back({added, std::exchange(past(deliveries_), added), last});
  last = {deliveries_, hash};
}

void DeliveryWindow::resume() {
  search_ = kept_search_ = {.is_open = true};
}

void DeliveryWindow::keep() {
  undo_.clear();
  kept_search_ = search_;
}

void DeliveryWindow::undo() {
  for (; !undo_.empty(); undo_.pop_back()) {
    const auto& added = undo_.back();
    last_[added.past.packet_id] = added.last;
    past(deliveries_--) = added.replaced;
  }
  search_ = kept_search_;
}

void DeliveryWindow::clear() {
  std::fill(last_.begin(), last_.end(), Last{});
  past_.clear();
  undo_.clear();
  search_ = kept_search_ = {};
  deliveries_ = 0;
  oldest_ = 1;
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
  past(deliveries_);
  for (const auto& item : items) {
    if (item.age >= deliveries_) continue;
    last_[item.packet_id] = {deliveries_ - item.age, item.hash};
    past(deliveries_ - item.age) = {item.hash, item.packet_id};
  }
}

}  // namespace millrace
