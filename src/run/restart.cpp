// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/restart.hpp"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

constexpr double least_wait_s = 1, most_wait_s = 60;
constexpr double spread = 0.25;

}  // namespace

bool may_be_restarted(ExitCode code) {
  switch (code) {
    case ExitCode::done:
    case ExitCode::usage:
    case ExitCode::project_refused:
    case ExitCode::rows_quarantined:
    case ExitCode::source_refused:
    case ExitCode::max_rejects:
    case ExitCode::stopped_early:
      return false;
    case ExitCode::failed:
    case ExitCode::no_space:
    case ExitCode::rank_lost:
      break;
  }
  return true;
}

std::optional<double> RestartPlan::next(double now_s) {
  while (!restarts_s_.empty() && restarts_s_.front() <= now_s - limits_.window_s) restarts_s_.pop_front();
  if (restarts_s_.size() >= static_cast<std::size_t>(limits_.most)) return std::nullopt;
  const auto wait_s = std::min(most_wait_s, std::ldexp(least_wait_s, static_cast<int>(restarts_s_.size())));
  restarts_s_.push_back(now_s);
  return wait_s * std::uniform_real_distribution(1 - spread, 1 + spread)(random_);
}

}  // namespace millrace
