// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace millrace::cli {
namespace {

volatile std::sig_atomic_t child = 0;

void pass_on(int /*signal*/) {
  if (child > 0) ::kill(static_cast<pid_t>(child), SIGUSR1);
}

std::vector<std::string> mpirun_command(int ranks, int argc, char** argv) {
  std::vector<std::string> command{"mpirun", "-q",    "-n",  std::to_string(ranks), "--bind-to",
                                   "none",   "--mca", "btl", "self,vader"};
  if (ranks > usable_cores()) command.emplace_back("--oversubscribe");
  if (::geteuid() == 0) command.emplace_back("--allow-run-as-root");
  command.push_back(std::filesystem::read_symlink("/proc/self/exe").string());
  command.insert(command.end(), argv + 1, argv + argc);
  return command;
}

[[noreturn]] void execute(const std::vector<std::string>& command) {
  ::setpgid(0, 0);  // Ctrl-C reaches this program alone, which passes it on as a drain
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

ExitCode code_of(int status) {
  if (WIFSIGNALED(status)) return ExitCode::rank_lost;
  const int code = WEXITSTATUS(status);
  if (code == 127)
    throw Error(ExitCode::failed, "mpirun could not be started; is it installed and on the PATH?");
  return code > 128 ? ExitCode::rank_lost : static_cast<ExitCode>(code);
}

}  // namespace

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void allow_all_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof set, &set);
}

int workers_of(const Project& project) {
  if (project.worker_count > 0) return static_cast<int>(project.worker_count);
  return project.method == "single" ? 1 : std::max(1, usable_cores() - 1);
}

std::string crowding(const Project& project) {
  const auto workers = workers_of(project);
  if (project.threads_per_worker * workers <= usable_cores()) return "";
  const auto counted = [](std::int64_t number, const char* what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  };
  return fmt::format("{} of {} run on {}", counted(workers, "worker"),
                     counted(project.threads_per_worker, "thread"), counted(usable_cores(), "core"));
}

ExitCode run_under_mpirun(int ranks, int argc, char** argv) {
  const auto command = mpirun_command(ranks, argc, argv);
  const auto pid = ::fork();
  if (pid < 0) throw_errno("fork", errno);
  if (pid == 0) execute(command);
  child = pid;
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) std::signal(signal, pass_on);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) throw_errno("waiting for mpirun", errno);
  return code_of(status);
}

}  // namespace millrace::cli
