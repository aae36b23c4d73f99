// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <limits>

#include "millrace/base/log.hpp"
#include "millrace/kernel/values.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

struct WholeSum {
  __extension__ __int128 value = 0;
  std::size_t count = 0;
};

WholeSum whole_sum(const Column& column) {
  WholeSum total;
  for (std::size_t row = 0; row < column.i64.size(); ++row) {
    const auto present = column.valid.empty() || column.valid[row] != 0;
    total.value += present ? column.i64[row] : 0;
    total.count += present ? 1 : 0;
  }
  return total;
}

class AggregatedSum : public ColumnTask {
 public:
  AggregatedSum(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::stays_int64),
        least_count_(static_cast<std::size_t>(options.integer("min_count"))) {
    for (const auto column : columns()) sums_.columns.push_back(schema.columns[column]);
  }

  const Schema& schema_after() const override { return sums_; }

  std::size_t most_rows_after(std::size_t) const override { return 1; }

  std::string effect_on_single_rows() const override { return "every value is its own sum"; }

  void run(Frame& frame, TaskContext& context) const override {
    const auto first_row = frame.rows() > 0 ? frame.row_index[0] : 0;
    over_columns(frame, columns(), context.threads, [&](std::size_t, Column& column) {
      if (column.info.type == Type::float64)
        column.f64.assign(1, number_sum(column));
      else
        put_whole_sum(column);
    });
    std::vector<Column> sums;
    for (const auto place : columns()) sums.push_back(std::move(frame.columns[place]));
    frame.columns = std::move(sums);
    frame.row_index.assign(1, first_row);
  }

 private:
  double number_sum(const Column& column) const {
    const auto total = sum(column.f64);
    return total.count < least_count_ ? std::numeric_limits<double>::quiet_NaN() : total.value;
  }

  void put_whole_sum(Column& column) const {
    const auto total = whole_sum(column);
    const auto fits = total.value >= std::numeric_limits<std::int64_t>::min() &&
                      total.value <= std::numeric_limits<std::int64_t>::max();
    if (!fits) warn_of_overflow(column.info.name);
    const auto present = fits && total.count >= least_count_;
    column.i64.assign(1, present ? static_cast<std::int64_t>(total.value) : 0);
    column.valid.assign(present ? 0 : 1, 0);
  }

  void warn_of_overflow(const std::string& name) const {
    if (!warned_.exchange(true))
      log_warning("aggregated_sum: the sum of column " + name +
                  " is beyond int64 and missing; declare the column float64 (further ones are not reported)");
  }

  std::size_t least_count_;
  Schema sums_;
  mutable std::atomic<bool> warned_ = false;
};

}  // namespace

TaskInfo aggregated_sum_task() {
  return {
      .part = {.name = "aggregated_sum",
               .help = "Sums each numeric value column of a message to one row, missing values left out.\n"
                       "All other columns go. A sum of int64 values is exact; one beyond int64 is missing.",
               .reference = "pandas.DataFrame.sum(numeric_only=True)",
               .options = {{.name = "min_count",
                            .kind = OptionKind::integer,
                            .default_value = std::int64_t{0},
                            .unit = "values",
                            .help = "a sum of fewer values is missing",
                            .least = 0,
                            .most = 1e9},
                           columns_option()}},
      .scope = "whole message",
      .example = R"({ "task": "aggregated_sum", "min_count": 1, "columns": ["rain"] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<AggregatedSum>(schema, options);
      }};
}

}  // namespace millrace
