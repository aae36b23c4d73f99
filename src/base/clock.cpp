// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/clock.hpp"

#include <chrono>
#include <ctime>

namespace millrace {
namespace {

template <class C>
double seconds() {
  return std::chrono::duration<double>(C::now().time_since_epoch()).count();
}

class SystemClock : public Clock {
 public:
  double now_s() const override { return seconds<std::chrono::steady_clock>(); }
  double unix_s() const override { return seconds<std::chrono::system_clock>(); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace millrace
