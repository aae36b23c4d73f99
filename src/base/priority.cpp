// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/priority.hpp"

#include <unistd.h>

namespace millrace {

void give_way() {
  constexpr int tenth_of_the_share = 10;
  [[maybe_unused]] const int now = ::nice(tenth_of_the_share);  // of Linux's threads each has its own
}

}  // namespace millrace
