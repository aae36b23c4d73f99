// SPDX-License-Identifier: Apache-2.0
// When a run that died is started again, and how long after.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include "millrace/base/error.hpp"

namespace millrace {

struct RestartLimits {
  int most = 5;  // restarts within the window
  double window_s = 600;
};

// Not what is done or was asked to stop, and not what would be refused again.
bool may_be_restarted(ExitCode code);

// The wait doubles with every restart in the window, from 1 s to 60 s, and is spread by a quarter to both
// sides, so that runs that died together do not come back together.
class RestartPlan {
 public:
  RestartPlan(const RestartLimits& limits, std::uint32_t seed) : limits_(limits), random_(seed) {}

  // Seconds to wait before the restart that this counts; empty if there were too many.
  std::optional<double> next(double now_s);
  std::size_t restarts() const { return restarts_s_.size(); }  // within the window, the last one included

 private:
  RestartLimits limits_;
  std::deque<double> restarts_s_;
  std::mt19937 random_;
};

}  // namespace millrace
