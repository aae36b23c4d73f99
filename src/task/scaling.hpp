// SPDX-License-Identifier: Apache-2.0
// The first step of the tasks that are fitted to the columns of a message as scikit-learn does it.
#pragma once

#include <cmath>
#include <vector>

#include "millrace/kernel/values.hpp"
#include "task/columns.hpp"

namespace millrace {

// fit(column) of every column. A Fit's may_hold_infinity() tells whether an infinity may be among the values;
// rows with one are refused, and the rest is fitted again. Nothing else is changed.
template <class FitColumn>
auto fit_columns(Frame& frame, const std::vector<std::size_t>& columns, TaskContext& context, FitColumn fit) {
  std::vector<decltype(fit(Column()))> fits(columns.size());
  const auto fit_all = [&] {
    over_columns(frame, columns, context.threads,
                 [&](std::size_t place, Column& column) { fits[place] = fit(column); });
  };
  fit_all();
  auto doubtful = false;
  for (const auto& one : fits) doubtful = doubtful || one.may_hold_infinity();
  if (doubtful && refuse_infinite_rows(frame, columns, context)) fit_all();
  return fits;
}

struct RangeFit {
  Extremes range;
  bool may_hold_infinity() const { return std::isinf(range.least) || std::isinf(range.most); }
};

inline RangeFit fitted_range(const Column& column) {
  return {extremes(column.f64)};
}

}  // namespace millrace
