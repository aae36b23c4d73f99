// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "millrace/base/log.hpp"

namespace millrace::cli {
namespace {

constexpr double log_interval_s = 5;
bool line_is_open = false;

std::string text_of(const ProgressState& state) {
  const auto rate = state.elapsed_s > 0 ? static_cast<double>(state.rows_in) / state.elapsed_s : 0;
  auto text = fmt::format("{} rows, {:.0f} rows/s, {} messages in flight, {} waiting", state.rows_in, rate,
                          state.in_flight, state.waiting);
  if (state.lag > 0) text += fmt::format(", {} payloads behind", state.lag);
  if (state.done_share > 0.001)
    text += fmt::format(", {:.0f} %, {:.0f} s left", 100 * state.done_share,
                        state.elapsed_s * (1 - state.done_share) / state.done_share);
  return text;
}

}  // namespace

std::function<void(const ProgressState&)> make_progress(bool quiet) {
  if (quiet) return {};
  if (::isatty(STDERR_FILENO)) {
    return [](const ProgressState& state) {
      line_is_open = true;
      std::fprintf(stderr, "\r\033[K%s", text_of(state).c_str());
    };
  }
  auto next = std::make_shared<double>(log_interval_s);
  return [next](const ProgressState& state) {
    if (state.elapsed_s < *next) return;
    *next = state.elapsed_s + log_interval_s;
    log_info(text_of(state));
  };
}

void end_progress_line() {
  if (line_is_open) std::fputc('\n', stderr);
  line_is_open = false;
}

void say_failure(const RunOutcome& outcome) {
  end_progress_line();
  const bool good = outcome.code == ExitCode::done || outcome.code == ExitCode::stopped_early ||
                    outcome.code == ExitCode::rows_quarantined;
  if (!good) log_error(outcome.report.outcome);
}

}  // namespace millrace::cli
