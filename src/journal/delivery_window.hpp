// SPDX-License-Identifier: Apache-2.0
// The deliveries of a session: what a redelivery is recognised by. The rule stands in FORMAT.md.
#pragma once

#include <cstdint>
#include <span>
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
  // `size`: how many of the last deliveries count in any case; 0: no redelivery is recognised.
  explicit DeliveryWindow(std::uint16_t size);

  // Deliveries must be asked about in the order in which they come.
  bool is_redelivery(const Delivery& delivery, std::uint64_t hash);
  // Deliveries of QoS 0 leave no trace.
  void add(const Delivery& delivery, std::uint64_t hash);
  // The session goes on over a new connection: what comes next may have come long ago.
  void resume();
  void clear();
  bool empty() const { return now_.deliveries == 0; }

  // add() and is_redelivery() are undone by undo(), back to the last keep().
  void keep();
  void undo();

  // Those of the window, oldest first. restore() of it, in place of what is here, gives the same answers
  // about them; older ones are forgotten.
  std::vector<WindowItem> items() const;
  void restore(std::span<const WindowItem> items);

 private:
  using Number = std::uint64_t;  // of a delivery, from 1; 0: none
  struct Last {
    Number number = 0;
    std::uint64_t hash = 0;
  };
  struct Past {
    std::uint64_t hash = 0;
    std::uint16_t packet_id = 0;  // 0: not known
    bool operator==(const Past&) const = default;
  };
  struct Search {
    int left = 0;     // how often a redelivery from before the window is looked for yet; 0: none may come
    Number next = 0;  // the delivery that is to come again, behind one that was found
  };
  // Since which delivery packet ids have gone upwards, and round: only then is an old one under an id not
  // simply the last but one.
  struct Ascent {
    Number begin = 1;
    std::uint16_t packet_id = 0;  // the last
  };
  struct Counts {
    Number deliveries = 0, oldest = 1;  // oldest: of those in past_
    Search search;
    Ascent ascent;
  };
  struct Added {
    Past past, replaced;
    Last last;  // of its packet id, before
  };

  bool is_inside(const Last& last) const;
  Past& past(Number number);
  void note_id(std::uint16_t packet_id, bool is_duplicate);
  Number find_old(const Past& wanted);

  std::uint16_t size_;
  Counts now_, kept_;
  std::vector<Last> last_;  // by packet id
  std::vector<Past> past_;  // a ring, by number
  std::vector<Added> undo_;
};

}  // namespace millrace
