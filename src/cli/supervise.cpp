// SPDX-License-Identifier: Apache-2.0
#include "cli/supervise.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>
#include <tuple>

#include "cli/launch.hpp"
#include "millrace/base/clock.hpp"
#include "millrace/base/log.hpp"
#include "sink/sink.hpp"

namespace millrace::cli {
namespace {

constexpr auto variable = "MILLRACE_SUPERVISED";

// Tells whether the manifest is still the one it was when this was made.
class ManifestWatch {
 public:
  explicit ManifestWatch(const Project& project) {
    if (project.sink.options.has("path"))
      path_ = places_of(sink_part(project.sink.name).is_folder, project.sink.options.text("path")).manifest;
    before_ = state();
  }
  bool has_changed() const { return state() != before_; }

 private:
  using State = std::tuple<ino_t, off_t, time_t, long>;

  std::optional<State> state() const {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) return std::nullopt;
    return State(status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }

  Path path_;
  std::optional<State> before_;
};

// False: a stop was asked for meanwhile.
bool wait_for(double seconds) {
  const auto until = system_clock().now_s() + seconds;
  while (!stop_requested() && system_clock().now_s() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  return !stop_requested();
}

}  // namespace

void check_supervised(const Project& project) {
  if (!project.source.options.has("path")) return;
  const auto& paths = project.source.options.texts("path");
  if (std::find(paths.begin(), paths.end(), "-") != paths.end())
    throw Error(ExitCode::usage,
                "--restart: standard input cannot be read a second time; write it to a file first");
}

ExitCode supervise(const Project& project, std::vector<std::string> command, const RestartLimits& limits) {
  ::setenv(variable, "1", 1);
  const ManifestWatch manifest(project);
  RestartPlan plan(limits, static_cast<std::uint32_t>(::getpid()));
  while (true) {
    const auto [code, reason] = run_child(command);
    if (!may_be_restarted(code) || stop_requested()) return code;
    const auto wait_s = plan.next(system_clock().now_s());
    if (!wait_s) {
      log_error(fmt::format("the run died: {}; {} restarts within {} s were in vain, so it is given up",
                            reason, limits.most, limits.window_s));
      return code;
    }
    log_warning(fmt::format("the run died: {}; restart {} of {} in {:.1f} s", reason, plan.restarts(),
                            limits.most, *wait_s));
    if (!wait_for(*wait_s)) return ExitCode::stopped_early;
    if (manifest.has_changed()) std::erase(command, "--overwrite");
  }
}

bool is_supervised() {
  return std::getenv(variable) != nullptr;
}

}  // namespace millrace::cli
