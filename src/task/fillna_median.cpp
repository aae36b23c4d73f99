// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "millrace/kernel/order.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

// NaN if no value is present.
double median(std::span<const double> values, Extremes range, Orderer& orderer) {
  if (range.count == 0) return range.most;
  const std::array<std::size_t, 2> middle{(range.count - 1) / 2, range.count / 2};
  std::array<double, 2> picked;
  orderer.pick(values, range, middle, picked);
  return (picked[0] + picked[1]) / 2;
}

class FillnaMedian : public ColumnTask {
 public:
  FillnaMedian(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64) {}

  std::string effect_on_single_rows() const override { return "missing values stay missing"; }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    over_fitted_columns(frame, columns(), context, [](std::size_t, Column& column, ColumnFits& fits) {
      static thread_local Orderer orderer;
      const auto range = extremes(column.f64);
      if (range.count == column.f64.size() && !fits.are_kept()) return;
      const auto fill = median(column.f64, range, orderer);
      fill_missing(column.f64, fill);
      fits.add("fill", fill);
    });
  }
};

}  // namespace

TaskInfo fillna_median_task() {
  return {.part = {.name = "fillna_median",
                   .help = "Puts the median of the column's values in the message in place of missing ones.\n"
                           "A column that is missing throughout stays so. int64 columns become float64.",
                   .reference = "pandas.DataFrame.fillna(df.median(numeric_only=True))",
                   .options = {columns_option()}},
          .scope = "column of one message",
          .example = R"({ "task": "fillna_median", "columns": ["windSpeed"] })",
          .make = [](const Schema& schema, const Options& options) {
            return std::make_unique<FillnaMedian>(schema, options);
          }};
}

}  // namespace millrace
