// SPDX-License-Identifier: Apache-2.0
// Starting mpirun: `millrace run` without it starts the same command line under it.
#pragma once

#include "millrace/base/error.hpp"

namespace millrace::cli {

// Runs this command line on `ranks` ranks of this host and waits. SIGTERM, SIGINT and SIGUSR1 become SIGUSR1
// to mpirun, which asks for a drain (mpirun kills its ranks two seconds after a SIGTERM). A killed rank gives
// rank_lost.
ExitCode run_under_mpirun(int ranks, int argc, char** argv);

// Widens this process's CPU affinity to all that the system allows: mpirun binds each of up to two ranks to
// one core, and a rank has several threads.
void allow_all_cores();
int usable_cores();

}  // namespace millrace::cli
