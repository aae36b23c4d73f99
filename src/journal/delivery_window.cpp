// SPDX-License-Identifier: Apache-2.0
#include "journal/delivery_window.hpp"

#include <algorithm>

namespace millrace {
namespace {

constexpr std::size_t longest_past = 1u << 20;
constexpr int most_searches = 256;  // of a connection; one looks at all that is known
constexpr int packet_ids = 65535;

int steps_between(std::uint16_t from, std::uint16_t to) {
  return (to - from + packet_ids) % packet_ids;
}

}  // namespace

DeliveryWindow::DeliveryWindow(std::uint16_t size) : size_(size), last_(1u << 16) {}

bool DeliveryWindow::is_inside(const Last& last) const {
  return last.number != 0 && now_.deliveries - last.number < size_;
}

DeliveryWindow::Past& DeliveryWindow::past(Number number) {
  const auto at = (number - 1) % longest_past;
  if (at >= past_.size()) past_.resize(at + 1);
  return past_[at];
}

// Only one whose payload did not come a second time, and not under the id that a new one would have: among
// payloads that recur, one that was on its way when the connection broke cannot be told from one that came a
// cycle of packet ids before.
DeliveryWindow::Number DeliveryWindow::find_old(const Past& wanted) {
  const auto begin = std::max({now_.oldest, now_.ascent.begin, now_.search.next});
  if (begin + size_ > now_.deliveries || steps_between(now_.ascent.packet_id, wanted.packet_id) == 1)
    return 0;
  --now_.search.left;
  Number found = 0;
  for (auto number = now_.oldest; number <= now_.deliveries; ++number) {
    if (past(number).hash != wanted.hash || past(number).packet_id == 0) continue;
    if (found != 0) return 0;
    found = number;
  }
  return found >= begin && found + size_ <= now_.deliveries && past(found) == wanted ? found : 0;
}

bool DeliveryWindow::is_redelivery(const Delivery& delivery, std::uint64_t hash) {
  if (delivery.qos == 0 || size_ == 0) return false;
  auto& search = now_.search;
  if (!delivery.is_duplicate) {
    search = {};
    return false;
  }
  const Past wanted{hash, delivery.packet_id};
  if (search.next != 0 && search.next <= now_.deliveries && past(search.next) == wanted) {
    ++search.next;
    return true;
  }
  const auto& last = last_[delivery.packet_id];
  if (is_inside(last) && last.hash == hash) return true;
  if (search.left == 0) return false;
  const auto found = find_old(wanted);
  if (found != 0) search.next = found + 1;
  return found != 0;
}

// One with DUP may be an old one that was not recognised: it says nothing of the order.
void DeliveryWindow::note_id(std::uint16_t packet_id, bool is_duplicate) {
  auto& ascent = now_.ascent;
  const auto steps = steps_between(ascent.packet_id, packet_id);
  const bool ascends = ascent.packet_id != 0 && steps > 0 && steps <= packet_ids / 2;
  if (!ascends && is_duplicate) return;
  if (!ascends) ascent.begin = now_.deliveries;
  ascent.packet_id = packet_id;
}

void DeliveryWindow::add(const Delivery& delivery, std::uint64_t hash) {
  if (delivery.qos == 0) return;
  const Past added{hash, delivery.packet_id};
  auto& last = last_[delivery.packet_id];
  auto& place = past(now_.deliveries + 1);
  undo_.push_back({added, place, last});
  place = added;
  last = {++now_.deliveries, hash};
  if (now_.deliveries > longest_past) now_.oldest = std::max(now_.oldest, now_.deliveries - longest_past + 1);
  note_id(delivery.packet_id, delivery.is_duplicate);
}

void DeliveryWindow::resume() {
  now_.search = kept_.search = {.left = most_searches};
}

void DeliveryWindow::keep() {
  undo_.clear();
  kept_ = now_;
}

void DeliveryWindow::undo() {
  for (; !undo_.empty(); undo_.pop_back()) {
    const auto& added = undo_.back();
    last_[added.past.packet_id] = added.last;
    past(now_.deliveries--) = added.replaced;
  }
  now_ = kept_;
}

void DeliveryWindow::clear() {
  std::fill(last_.begin(), last_.end(), Last{});
  past_.clear();
  undo_.clear();
  now_ = kept_ = {};
}

std::vector<WindowItem> DeliveryWindow::items() const {
  constexpr std::uint32_t none = 1u << 16;
  std::vector<std::uint32_t> ids(size_, none);  // by age
  for (std::uint32_t id = 0; id < last_.size(); ++id)
    if (is_inside(last_[id])) ids[now_.deliveries - last_[id].number] = id;
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
  const Number end = items.front().age + 1u;
  past(end);
  for (const auto& item : items) {
    if (item.age >= end) continue;
    now_.deliveries = end - item.age;
    last_[item.packet_id] = {now_.deliveries, item.hash};
    past(now_.deliveries) = {item.hash, item.packet_id};
    note_id(item.packet_id, false);
  }
  now_.deliveries = end;
  kept_ = now_;
}

}  // namespace millrace
