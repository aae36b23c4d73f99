// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <random>

namespace millrace::mqtt {

// How long to wait before the next try: twice as long each time, and never the same for two clients.
class Backoff {
 public:
  double next_s() {
    const double shortened = std::uniform_real_distribution<double>(0.5, 1)(random_);
    const double wait_s = least_s * static_cast<double>(1u << std::min(tries_++, most_doublings));
    return wait_s * shortened;
  }
  void reset() { tries_ = 0; }

 private:
  static constexpr double least_s = 0.2;
  static constexpr unsigned most_doublings = 6;  // 12.8 s
  unsigned tries_ = 0;
  std::mt19937 random_{std::random_device{}()};
};

}  // namespace millrace::mqtt
