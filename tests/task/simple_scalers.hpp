// SPDX-License-Identifier: Apache-2.0
// The simple tasks that look at one column at a time, and what they share with the others.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "millrace/frame/result.hpp"
#include "millrace/task/task.hpp"

namespace millrace::test {

using SimpleTask = std::function<void(Frame&, const Options&, std::vector<Reject>&)>;

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

void make_double(Column& column);
std::vector<double> present_sorted(const Column& column);

void simple_abs(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_aggregated_sum(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_fillna_mean(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_fillna_median(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_handling_missing(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_max_abs_scaler(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_min_max_scaler(Frame& frame, const Options& options, std::vector<Reject>& rejects);
void simple_robust_scaler(Frame& frame, const Options& options, std::vector<Reject>& rejects);

}  // namespace millrace::test
