// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "millrace/kernel/values.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

// The magnitude of the least int64 is none; it becomes missing.
void absolute_whole(Column& column) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  for (std::size_t row = 0; row < column.i64.size(); ++row) {
    auto& value = column.i64[row];
    if (value >= 0) continue;
    if (value != least) {
      value = -value;
      continue;
    }
    if (column.valid.empty()) column.valid.resize(column.i64.size(), 1);
    column.valid[row] = 0;
    value = 0;
  }
}

class Abs : public ColumnTask {
 public:
  Abs(const Schema& schema, const Options& options) : ColumnTask(schema, options, Whole::stays_int64) {}

  void run(Frame& frame, TaskContext& context) const override {
    over_doubles(frame, columns(), context.threads,
                 [](std::size_t, std::span<double> values) { absolute(values); });
    over_whole_columns(frame, columns(), context.threads,
                       [](std::size_t, Column& column) { absolute_whole(column); });
  }
};

}  // namespace

TaskInfo abs_task() {
  return {.part = {.name = "abs",
                   .help = "The magnitude of every value. int64 columns stay int64.",
                   .reference = "pandas.DataFrame.abs",
                   .options = {columns_option()}},
          .scope = "row",
          .example = R"({ "task": "abs", "columns": ["outTemp"] })",
          .make = [](const Schema& schema, const Options& options) {
            return std::make_unique<Abs>(schema, options);
          }};
}

}  // namespace millrace
