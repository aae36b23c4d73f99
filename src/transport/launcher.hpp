// SPDX-License-Identifier: Apache-2.0
// The process that started this rank.
#pragma once

namespace millrace {

// Before an abort: a process of its own kills Open MPI's launcher of this host (mpirun, orted) if it is still
// there some seconds later. It waits for every host, and for one that is cut off without end.
void see_that_launcher_goes();

}  // namespace millrace
