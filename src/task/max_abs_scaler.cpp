// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "millrace/kernel/values.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

class MaxAbsScaler : public ColumnTask {
 public:
  MaxAbsScaler(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64) {}

  std::string effect_on_single_rows() const override { return "every value becomes 1, -1 or 0"; }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context, fitted_range);
    over_fitted_columns(frame, columns(), context, [&](std::size_t place, Column& column, ColumnFits& kept) {
      const auto range = fits[place].range;
      const auto scale = usable_scale(std::max(std::abs(range.least), std::abs(range.most)));
      divide(column.f64, scale);
      kept.add("scale", scale);
    });
  }
};

}  // namespace

TaskInfo max_abs_scaler_task() {
  return {
      .part = {.name = "max_abs_scaler",
               .help =
                   "Divides every value by the largest magnitude in its column.\n"
                   "Missing values count for nothing and stay missing. A column whose largest magnitude is\n"
                   "below 2.2e-15 stays as it is.",
               .reference = "sklearn.preprocessing.MaxAbsScaler",
               .options = {columns_option()}},
      .scope = "column of one message",
      .example = R"({ "task": "max_abs_scaler", "columns": ["windSpeed"] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<MaxAbsScaler>(schema, options);
      }};
}

}  // namespace millrace
