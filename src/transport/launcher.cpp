// SPDX-License-Identifier: Apache-2.0
#include "transport/launcher.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "millrace/transport/transport.hpp"

namespace millrace {
namespace {

constexpr int patience_s = 5;
constexpr int looks_per_s = 10;

bool is_of_open_mpi(pid_t process) {
  constexpr std::array<std::string_view, 4> names{"mpirun", "mpiexec", "orterun", "orted"};
  std::ifstream file("/proc/" + std::to_string(process) + "/comm");
  std::string name;
  file >> name;
  return std::any_of(names.begin(), names.end(), [&](auto known) { return name.starts_with(known); });
}

// In a session of its own, since mpirun kills the whole group of a rank; without the rank's files, whose end
// mpirun waits for.
[[noreturn]] void kill_later(pid_t launcher) {
  ::setsid();
  ::close_range(0, ~0u, 0);
  for (int look = 0; look < patience_s * looks_per_s; ++look) {
    if (::kill(launcher, 0) != 0) ::_exit(0);
    ::usleep(1'000'000 / looks_per_s);
  }
  ::kill(launcher, SIGKILL);
  ::_exit(0);
}

}  // namespace

bool started_by_mpi_launcher() {
  // Open MPI's mpirun; srun --mpi=pmix, which sets PMIX_RANK for its tasks.
  return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr;
}

void see_that_launcher_goes() {
  const auto launcher = ::getppid();
  if (is_of_open_mpi(launcher) && ::fork() == 0) kill_later(launcher);
}

}  // namespace millrace
