// SPDX-License-Identifier: Apache-2.0
// How much a run takes in before it stops by itself, as if it had been asked to.
#pragma once

#include <string_view>

#include "millrace/base/clock.hpp"
#include "millrace/run/feeder.hpp"

namespace millrace {

class IntakeLimits {
 public:
  explicit IntakeLimits(const RunSettings& settings)
      : most_rows_(settings.max_rows), most_s_(settings.max_seconds) {}

  // A message that was begun is taken whole, or a run with a small limit would never come further.
  bool have_room(bool is_inside_message) const {
    return most_rows_ == 0 || rows_ < most_rows_ || is_inside_message;
  }
  void count_row() { ++rows_; }

  // Why no more is taken by a run that began at `begin_s`; "" if more is.
  std::string_view reached(double begin_s, bool is_inside_message) const {
    if (!have_room(is_inside_message)) return "max_rows are taken";
    return most_s_ > 0 && system_clock().now_s() - begin_s >= most_s_ ? "max_seconds are over" : "";
  }

 private:
  std::uint64_t most_rows_, rows_ = 0;
  double most_s_;
};

}  // namespace millrace
