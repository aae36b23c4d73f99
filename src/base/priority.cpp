// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/priority.hpp"

#include <sched.h>
#include <unistd.h>

namespace millrace {

// Of Linux's threads each has a nice value and a policy of its own.
void give_way() {
  constexpr int tenth_of_the_share = 10;
  [[maybe_unused]] const int nice_value = ::nice(tenth_of_the_share);
  const sched_param none{};
  [[maybe_unused]] const int refused = ::sched_setscheduler(0, SCHED_IDLE, &none);
}

}  // namespace millrace
