// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "millrace/kernel/values.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

// A fill value, exact for both types of column.
struct Fill {
  double number;
  std::int64_t whole;
};

Fill checked_fill(const OptionValue& value, const std::string& option, const ColumnInfo& column) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return {static_cast<double>(*whole), *whole};
  const auto number = std::get<double>(value);
  if (column.type == Type::float64) return {number, 0};
  if (number != std::floor(number) || std::abs(number) > 0x1p53)
    refuse_option(option, "column \"" + column.name +
                              "\" is int64; expected a whole number within 2^53, found " +
                              std::to_string(number));
  return {number, static_cast<std::int64_t>(number)};
}

class FillnaZeros : public ColumnTask {
 public:
  FillnaZeros(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::stays_int64) {
    if (options.has("values"))
      take_values(schema, options);
    else
      for (const auto column : columns())
        fills_.push_back(checked_fill(options.values().at("value"), "value", schema.columns[column]));
  }

  void run(Frame& frame, TaskContext& context) const override {
    over_doubles(frame, columns(), context.threads, [&](std::size_t place, std::span<double> values) {
      fill_missing(values, fills_[place].number);
    });
    over_whole_columns(frame, columns(), context.threads,
                       [&](std::size_t place, Column& column) { fill_whole(column, fills_[place].whole); });
  }

 private:
  void take_values(const Schema& schema, const Options& options) {
    const auto& values = options.numbers("values");
    const auto names = options.has("columns") ? options.texts("columns") : std::vector<std::string>{};
    if (names.size() != values.size() || names.size() != columns().size())
      refuse_option("values", "expected one number for each name in option columns, found " +
                                  std::to_string(values.size()) + " for " + std::to_string(names.size()));
    for (const auto column : columns())
      for (std::size_t place = 0; place < names.size(); ++place)
        if (glob_matches(names[place], schema.columns[column].name))
          fills_.push_back(checked_fill(values[place], "values", schema.columns[column]));
    if (fills_.size() != columns().size()) refuse_option("values", "option columns names a column twice");
  }

  static void fill_whole(Column& column, std::int64_t with) {
    for (std::size_t row = 0; row < column.valid.size(); ++row)
      if (column.valid[row] == 0) column.i64[row] = with;
    column.valid.clear();
  }

  std::vector<Fill> fills_;  // of each of columns()
};

}  // namespace

TaskInfo fillna_zeros_task() {
  return {
      .part = {.name = "fillna_zeros",
               .help = "Puts 0, or a given number, in place of missing values.\n"
                       "What pandas writes as fillna({\"rain\": 0, \"outTemp\": 9.5}) is the example below.\n"
                       "int64 columns stay int64 and take whole numbers only.",
               .reference = "pandas.DataFrame.fillna(value)",
               .options = {{.name = "value",
                            .kind = OptionKind::number,
                            .default_value = 0.0,
                            .unit = "that of the column",
                            .help = "what a missing value becomes"},
                           {.name = "values",
                            .kind = OptionKind::numbers,
                            .unit = "that of each column",
                            .help = "one number for each name in `columns`, instead of `value`"},
                           columns_option()}},
      .scope = "row",
      .example = R"({ "task": "fillna_zeros", "columns": ["rain", "outTemp"], "values": [0, 9.5] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<FillnaZeros>(schema, options);
      }};
}

}  // namespace millrace
