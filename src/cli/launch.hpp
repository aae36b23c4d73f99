// SPDX-License-Identifier: Apache-2.0
// Starting mpirun: `millrace run` without it starts the same command line under it. And what that starts.
#pragma once

#include <string>

#include "millrace/base/error.hpp"
#include "millrace/config/project.hpp"

namespace millrace::cli {

// Runs this command line on `ranks` ranks of this host and waits. SIGTERM, SIGINT and SIGUSR1 become SIGUSR1
// to mpirun, which asks for a drain (mpirun kills its ranks two seconds after a SIGTERM). A killed rank gives
// rank_lost.
ExitCode run_under_mpirun(int ranks, int argc, char** argv);

// Widens this process's CPU affinity to all that the system allows: mpirun binds each of up to two ranks to
// one core, and a rank has several threads.
void allow_all_cores();
int usable_cores();

// Workers of a run that is not started under mpirun: worker_count, or one a core beside rank 0.
int workers_of(const Project& project);
// "4 workers of 2 threads run on 2 cores", where that is more than there are; else "".
std::string crowding(const Project& project);

}  // namespace millrace::cli
