// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "millrace/base/clock.hpp"
#include "millrace/base/log.hpp"

namespace millrace::cli {
namespace {

// What is left behind a dead mpirun goes by itself within 4 s.
constexpr double orphans_patience_s = 6;
constexpr double look_every_s = 4;

volatile std::sig_atomic_t child = 0, stop_requests = 0;

void pass_on(int /*signal*/) {
  stop_requests = stop_requests + 1;
  if (child > 0) ::kill(static_cast<pid_t>(child), SIGUSR1);
}

constexpr std::array stop_signals{SIGTERM, SIGINT, SIGUSR1};

// Keeps the stop signals waiting while it lives: none falls between fork and the moment the child is known.
class StopSignalsHeld {
 public:
  StopSignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : stop_signals) sigaddset(&held, signal);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
  }
  StopSignalsHeld(const StopSignalsHeld&) = delete;
  StopSignalsHeld& operator=(const StopSignalsHeld&) = delete;
  ~StopSignalsHeld() { release(); }
  void release() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

[[noreturn]] void execute(const std::vector<std::string>& command, StopSignalsHeld& held) {
  ::setpgid(0, 0);  // Ctrl-C reaches this program alone, which passes it on as a drain
  ::prctl(PR_SET_PDEATHSIG, SIGUSR1);
  for (const int signal : stop_signals) std::signal(signal, SIG_DFL);
  held.release();
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

pid_t start(const std::vector<std::string>& command) {
  StopSignalsHeld held;
  for (const int signal : stop_signals) std::signal(signal, pass_on);
  const auto pid = ::fork();
  if (pid < 0) throw_errno("fork", errno);
  if (pid == 0) execute(command, held);
  child = pid;
  if (stop_requests > 0) ::kill(pid, SIGUSR1);  // asked for between two children
  return pid;
}

ChildEnd end_of(int status) {
  // mpirun gives 128 + signal for a rank.
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : std::max(WEXITSTATUS(status) - 128, 0);
  if (signal == SIGUSR1 && stop_requests > 0) return {ExitCode::stopped_early, "it was asked to stop"};
  if (signal > 0)
    return {ExitCode::rank_lost,
            fmt::format("{} was killed by signal {}", WIFSIGNALED(status) ? "it" : "a rank", signal)};
  const int code = WEXITSTATUS(status);
  if (code == 127)
    throw Error(ExitCode::failed, "mpirun could not be started; is it installed and on the PATH?");
  return {static_cast<ExitCode>(code), fmt::format("it ended with code {}", code)};
}

struct Process {
  pid_t pid = 0, parent = 0;
  char state = 0;
};

// State and parent stand in /proc/PID/stat behind the name in parentheses.
Process process_at(const std::filesystem::path& folder) {
  Process process{std::atoi(folder.filename().c_str())};
  if (process.pid <= 0) return process;
  std::ifstream file(folder / "stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(") ");
  if (name_end != text.npos) std::sscanf(text.c_str() + name_end, ") %c %d", &process.state, &process.parent);
  return process;
}

std::vector<Process> children_of(pid_t parent) {
  std::vector<Process> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (const auto process = process_at(entry.path()); process.parent == parent) children.push_back(process);
  return children;
}

void kill_children() {
  for (const auto& one : children_of(::getpid())) ::kill(one.pid, SIGKILL);
}

// All its children have ended, and it could wait for them: it is neither stopped nor in a debugger.
bool ignores_its_dead(pid_t launcher) {
  const auto state = process_at("/proc/" + std::to_string(launcher)).state;
  const auto children = children_of(launcher);
  return state != 'T' && state != 't' && !children.empty() &&
         std::all_of(children.begin(), children.end(), [](const auto& one) { return one.state == 'Z'; });
}

void wait_for_orphans() {
  auto until = system_clock().now_s() + orphans_patience_s;
  bool killed = false;
  while (true) {
    const auto gone = ::waitpid(-1, nullptr, WNOHANG);
    if (gone < 0) return;  // there are no more
    if (gone > 0) continue;
    if (system_clock().now_s() > until) {
      if (killed) return log_warning("processes of the run that ended do not go, not even by SIGKILL");
      kill_children();
      killed = true;
      until += orphans_patience_s;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// Open MPI 4.1's mpirun can wait for ever for a rank that was killed while it started.
int wait_for_launcher(pid_t launcher) {
  int status = 0, dead_looks = 0;
  auto looked_s = system_clock().now_s();
  while (true) {
    const auto gone = ::waitpid(launcher, &status, WNOHANG);
    if (gone == launcher) return status;
    if (gone < 0 && errno != EINTR) throw_errno("waiting for the run", errno);
    if (system_clock().now_s() - looked_s > look_every_s) {
      dead_looks = ignores_its_dead(launcher) ? dead_looks + 1 : 0;
      looked_s = system_clock().now_s();
    }
    if (dead_looks == 2) {
      log_warning("mpirun does not notice that its ranks have ended: it is killed");
      ::kill(launcher, SIGKILL);
      dead_looks = 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
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

std::vector<std::string> own_command(int argc, char** argv) {
  std::vector<std::string> command{std::filesystem::read_symlink("/proc/self/exe").string()};
  command.insert(command.end(), argv + 1, argv + argc);
  return command;
}

std::vector<std::string> mpirun_command(int ranks, const std::vector<std::string>& command) {
  std::vector<std::string> all{"mpirun", "-q",    "-n",  std::to_string(ranks), "--bind-to",
                               "none",   "--mca", "btl", "self,vader"};
  if (ranks > usable_cores()) all.emplace_back("--oversubscribe");
  if (::geteuid() == 0) all.emplace_back("--allow-run-as-root");
  all.insert(all.end(), command.begin(), command.end());
  return all;
}

ChildEnd run_child(const std::vector<std::string>& command) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans come to this process
  const auto pid = start(command);
  const auto status = wait_for_launcher(pid);
  child = 0;
  wait_for_orphans();
  return end_of(status);
}

bool stop_requested() {
  return stop_requests > 0;
}

}  // namespace millrace::cli
