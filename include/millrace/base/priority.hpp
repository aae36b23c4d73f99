// SPDX-License-Identifier: Apache-2.0
// Who waits where threads want more processors than there are.
#pragma once

namespace millrace {

// The calling thread, and those that it starts from now on, leave the processor to others that want it: the
// kernel runs them by its policy SCHED_IDLE, which takes a core for free that runs nothing else, so that who
// wakes up gets it at once, and leaves them 0.3 % of one that others keep busy. Where that is refused their
// nice value, which rises by 10, leaves them a tenth. Both hold among threads of the same session or control
// group, where the kernel shares out by those first. For good, and never an error.
void give_way();

}  // namespace millrace
