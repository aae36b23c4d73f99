// SPDX-License-Identifier: Apache-2.0
// For tests of crashes: named steps between which what is on disk changes. With
// MILLRACE_STOP_AT="segment rename:3" in the environment the process kills itself (SIGKILL) where it reaches
// that step for the third time; without the number, for the first.
#pragma once

#include <string_view>

namespace millrace {

// Is any step of this process to be its last?
bool is_to_stop_at_a_step();
void reach_step(std::string_view step);

}  // namespace millrace
