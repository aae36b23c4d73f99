// SPDX-License-Identifier: Apache-2.0
// Starting mpirun: `millrace run` without it starts the same command line under it. And what that starts.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/error.hpp"
#include "millrace/config/project.hpp"

namespace millrace::cli {

// This command line, for a process of its own, or for `ranks` ranks of this host under mpirun.
std::vector<std::string> own_command(int argc, char** argv);
std::vector<std::string> mpirun_command(int ranks, const std::vector<std::string>& command);

struct ChildEnd {
  ExitCode code = ExitCode::done;  // rank_lost where a signal killed it or a rank
  std::string reason;              // "it was killed by signal 9"
};

// Starts `command` and waits until it and all that it left behind are gone (ranks whose mpirun was killed; by
// SIGKILL after some seconds). SIGTERM, SIGINT and SIGUSR1 become SIGUSR1 to it, which asks for a drain
// (mpirun kills its ranks two seconds after a SIGTERM), and so does the death of this process. One that came
// after the first of all children began counts for this one, too.
ChildEnd run_child(const std::vector<std::string>& command);
// Has this process been asked to stop since its first run_child()?
bool stop_requested();

// Widens this process's CPU affinity to all that the system allows: mpirun binds each of up to two ranks to
// one core, and a rank has several threads.
void allow_all_cores();
int usable_cores();

// Workers of a run that is not started under mpirun: worker_count, or one a core beside rank 0.
int workers_of(const Project& project);
// "4 workers of 2 threads run on 2 cores", where that is more than there are; else "".
std::string crowding(const Project& project);

}  // namespace millrace::cli
