// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/values.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

class FillnaMean : public ColumnTask {
 public:
  FillnaMean(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64) {}

  std::string effect_on_single_rows() const override { return "missing values stay missing"; }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    over_fitted_columns(frame, columns(), context, [](std::size_t, Column& column, ColumnFits& fits) {
      const auto total = sum(column.f64);
      const auto mean = total.value / static_cast<double>(total.count);
      if (total.count < column.f64.size()) fill_missing(column.f64, mean);
      fits.add("fill", mean);
    });
  }
};

}  // namespace

TaskInfo fillna_mean_task() {
  return {.part = {.name = "fillna_mean",
                   .help = "Puts the mean of the column's values in the message in place of missing ones.\n"
                           "A column that is missing throughout stays so. int64 columns become float64.",
                   .reference = "pandas.DataFrame.fillna(df.mean(numeric_only=True))",
                   .options = {columns_option()}},
          .scope = "column of one message",
          .example = R"({ "task": "fillna_mean", "columns": ["*Temp"] })",
          .make = [](const Schema& schema, const Options& options) {
            return std::make_unique<FillnaMean>(schema, options);
          }};
}

}  // namespace millrace
