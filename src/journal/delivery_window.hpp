// SPDX-License-Identifier: Apache-2.0
// The last delivery of every packet id: what a redelivery is recognised by.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "millrace/journal/journal.hpp"

namespace millrace {

struct WindowItem {
  std::uint16_t packet_id, age;  // age: deliveries behind it
  std::uint64_t hash;            // of the payload
  bool operator==(const WindowItem&) const = default;
};

class DeliveryWindow {
 public:
  // `size`: how many of the last deliveries count; 0: no redelivery is recognised.
  explicit DeliveryWindow(std::uint16_t size);

  bool is_redelivery(const Delivery& delivery, std::uint64_t hash) const;
  // Deliveries of QoS 0 leave no trace.
  void add(const Delivery& delivery, std::uint64_t hash);
  void clear();
  bool empty() const { return deliveries_ == 0; }

  // add() is undone by undo(), back to the last keep().
  void keep() { undo_.clear(); }
  void undo();

  // Oldest first. restore() of it, in place of what is here, gives the same answers.
  std::vector<WindowItem> items() const;
  void restore(std::span<const WindowItem> items);

 private:
  struct Last {
    std::uint64_t number = 0, hash = 0;  // number: of the delivery, from 1; 0: none yet
  };
  bool is_inside(const Last& last) const;

  std::uint16_t size_;
  std::uint64_t deliveries_ = 0;
  std::vector<Last> last_;  // by packet id
  std::vector<std::pair<std::uint16_t, Last>> undo_;
};

}  // namespace millrace
