// SPDX-License-Identifier: Apache-2.0
// Draining on request: SIGUSR1, SIGTERM and SIGINT on rank 0. Workers ignore them (mpirun passes SIGUSR1 to
// all ranks).
#pragma once

namespace millrace {

void catch_drain_signals();
void ignore_drain_signals();
// How many have come: 1 drains, 2 and more leave at once.
int drain_requests();
void reset_drain_requests();  // for a process that runs more than once

}  // namespace millrace
