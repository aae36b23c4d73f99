// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/rows.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

void count_in_column(std::span<std::uint32_t> counts, const Column& column, std::size_t begin) {
  const auto size = counts.size();
  if (column.info.type == Type::float64)
    count_missing(counts, std::span<const double>(column.f64.data() + begin, size));
  else if (column.info.type == Type::text && column.info.encoding == TextEncoding::codes)
    count_missing(counts, std::span<const std::int32_t>(column.codes.data() + begin, size));
  else if (!column.valid.empty())
    count_missing(counts, std::span<const std::uint8_t>(column.valid.data() + begin, size));
}

class HandlingMissing : public Task {
 public:
  HandlingMissing(const Schema& schema, const Options& options)
      : schema_(schema), columns_(subset_columns(schema, options)), most_missing_(0) {
    const auto all = static_cast<std::int64_t>(columns_.size());
    if (options.has("how") && options.has("thresh"))
      refuse_option("thresh", "how and thresh exclude each other; give one of them");
    if (options.has("how") && options.text("how") == "all") most_missing_ = all - 1;
    if (options.has("thresh")) most_missing_ = all - options.integer("thresh");
  }

  const Schema& schema_after() const override { return schema_; }

  const std::vector<std::size_t>& columns() const override { return columns_; }

  void run(Frame& frame, TaskContext& context) const override {
    RawVector<std::uint32_t> missing(frame.rows());
    over_rows(frame.rows(), context.threads, [&](std::size_t begin, std::size_t end) {
      const std::span<std::uint32_t> some(missing.data() + begin, end - begin);
      std::fill(some.begin(), some.end(), 0u);
      for (const auto column : columns_) count_in_column(some, frame.columns[column], begin);
    });
    std::vector<std::uint32_t> kept(frame.rows());
    std::size_t count = 0;
    for (std::uint32_t row = 0; row < missing.size(); ++row) {
      kept[count] = row;
      count += missing[row] <= most_missing_ ? 1 : 0;
    }
    kept.resize(count);
    keep_rows(frame, kept, context.threads);
  }

 private:
  Schema schema_;
  std::vector<std::size_t> columns_;
  std::int64_t most_missing_;  // of a row that stays
};

}  // namespace

TaskInfo handling_missing_task() {
  return {
      .part = {.name = "handling_missing",
               .help = "Drops the rows with a missing value.",
               .reference = "pandas.DataFrame.dropna",
               .options =
                   {{.name = "how",
                     .kind = OptionKind::text,
                     .help =
                         "any (default): drop rows that miss a value; all: drop rows that miss all of them",
                     .choices = {"any", "all"}},
                    {.name = "thresh",
                     .kind = OptionKind::integer,
                     .unit = "values",
                     .help = "instead of `how`: keep rows with at least so many values",
                     .least = 0,
                     .most = 1e9},
                    subset_option()}},
      .scope = "row",
      .example = R"({ "task": "handling_missing", "how": "any", "subset": ["outTemp", "barometer"] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<HandlingMissing>(schema, options);
      }};
}

}  // namespace millrace
