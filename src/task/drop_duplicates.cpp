// SPDX-License-Identifier: Apache-2.0
// Rows are hashed column by column, found again by open addressing, and compared where the hashes are equal.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "millrace/kernel/rows.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

enum class Keep { first, last, none };

Keep keep_named(const std::string& name) {
  return name == "first" ? Keep::first : name == "last" ? Keep::last : Keep::none;
}

bool same_value(const Column& column, std::size_t a, std::size_t b) {
  if (!column.valid.empty() && column.valid[a] != column.valid[b]) return false;
  switch (column.info.type) {
    case Type::float64: {
      const auto x = column.f64[a], y = column.f64[b];
      return x == y || (std::isnan(x) && std::isnan(y));
    }
    case Type::int64:
    case Type::time:
      return column.i64[a] == column.i64[b];
    case Type::boolean:
      return column.u8[a] == column.u8[b];
    case Type::text:
      if (column.info.encoding == TextEncoding::codes) return column.codes[a] == column.codes[b];
      return std::memcmp(column.fixed.data() + a * column.info.width,
                         column.fixed.data() + b * column.info.width, column.info.width) == 0;
  }
  return false;
}

void add_fixed_texts(std::span<std::uint64_t> hashes, const Column& column, std::size_t begin) {
  const std::size_t width = column.info.width;
  std::vector<std::int64_t> words(hashes.size());
  for (std::size_t at = 0; at < width; at += sizeof(std::int64_t)) {
    const auto size = std::min(sizeof(std::int64_t), width - at);
    for (std::size_t row = 0; row < words.size(); ++row)
      std::memcpy(&words[row], column.fixed.data() + (begin + row) * width + at, size);
    add_to_hashes(hashes, words);
  }
}

template <class T>
std::span<const T> part(const RawVector<T>& values, std::size_t begin, std::size_t size) {
  return {values.data() + begin, size};
}

void add_column(std::span<std::uint64_t> hashes, const Column& column, std::size_t begin) {
  const auto size = hashes.size();
  if (!column.valid.empty()) add_to_hashes(hashes, part(column.valid, begin, size));
  switch (column.info.type) {
    case Type::float64:
      return add_to_hashes(hashes, part(column.f64, begin, size));
    case Type::int64:
    case Type::time:
      return add_to_hashes(hashes, part(column.i64, begin, size));
    case Type::boolean:
      return add_to_hashes(hashes, part(column.u8, begin, size));
    case Type::text:
      if (column.info.encoding == TextEncoding::codes)
        return add_to_hashes(hashes, part(column.codes, begin, size));
      return add_fixed_texts(hashes, column, begin);
  }
}

// Finds, for row after row, an equal row that was there before.
class SeenRows {
 public:
  SeenRows(const Frame& frame, const std::vector<std::size_t>& columns,
           const RawVector<std::uint64_t>& hashes)
      : frame_(frame), columns_(columns), hashes_(hashes), slots_(std::bit_ceil(2 * hashes.size() + 1)) {
    shift_ = 64 - std::countr_zero(slots_.size());
  }

  // The row that equals `row`; `row` itself, remembered from now on, if there is none.
  std::uint32_t find_or_add(std::uint32_t row) {
    auto slot = static_cast<std::size_t>((hashes_[row] * 0x9e3779b97f4a7c15u) >> shift_);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
      const auto other = slots_[slot] - 1;
      if (hashes_[other] == hashes_[row] && same_row(other, row)) return other;
    }
    slots_[slot] = row + 1;
    return row;
  }

 private:
  bool same_row(std::size_t a, std::size_t b) const {
    return std::all_of(columns_.begin(), columns_.end(),
                       [&](std::size_t column) { return same_value(frame_.columns[column], a, b); });
  }

  const Frame& frame_;
  const std::vector<std::size_t>& columns_;
  const RawVector<std::uint64_t>& hashes_;
  std::vector<std::uint32_t> slots_;  // row + 1; 0: free
  int shift_;
};

class DropDuplicates : public Task {
 public:
  DropDuplicates(const Schema& schema, const Options& options)
      : schema_(schema), columns_(subset_columns(schema, options)), keep_(keep_named(options.text("keep"))) {}

  const Schema& schema_after() const override { return schema_; }

  const std::vector<std::size_t>& columns() const override { return columns_; }

  std::vector<std::string> warnings(std::size_t most_rows) const override {
    if (most_rows <= 1) return {"a message of one row has no duplicates: nothing is dropped"};
    return {"duplicates are found within a message of " + std::to_string(most_rows) +
            " rows, not across messages"};
  }

  void run(Frame& frame, TaskContext& context) const override {
    const auto rows = static_cast<std::uint32_t>(frame.rows());
    if (rows < 2) return;
    RawVector<std::uint64_t> hashes(rows);
    over_rows(rows, context.threads, [&](std::size_t begin, std::size_t end) {
      const std::span<std::uint64_t> some(hashes.data() + begin, end - begin);
      std::fill(some.begin(), some.end(), 0);
      for (const auto column : columns_) add_column(some, frame.columns[column], begin);
    });
    const auto dropped = find_dropped(frame, hashes);
    if (dropped.empty()) return;
    std::vector<std::uint32_t> kept;
    kept.reserve(rows);
    for (std::uint32_t row = 0; row < rows; ++row)
      if (!dropped[row]) kept.push_back(row);
    keep_rows(frame, kept, context.threads);
  }

 private:
  // Empty if nothing is to be dropped.
  std::vector<std::uint8_t> find_dropped(const Frame& frame, const RawVector<std::uint64_t>& hashes) const {
    const auto rows = static_cast<std::uint32_t>(hashes.size());
    std::vector<std::uint8_t> dropped;
    SeenRows seen(frame, columns_, hashes);
    for (std::uint32_t step = 0; step < rows; ++step) {
      const auto row = keep_ == Keep::last ? rows - 1 - step : step;
      const auto equal = seen.find_or_add(row);
      if (equal == row) continue;
      dropped.resize(rows, 0);
      dropped[row] = 1;
      if (keep_ == Keep::none) dropped[equal] = 1;
    }
    return dropped;
  }

  Schema schema_;
  std::vector<std::size_t> columns_;
  Keep keep_;
};

}  // namespace

TaskInfo drop_duplicates_task() {
  return {
      .part =
          {.name = "drop_duplicates",
           .help =
               "Drops the rows of a message that stand there before (or behind) with the same values.\n"
               "Missing equals missing, 0.0 equals -0.0; numbers, texts and times are compared as they are.",
           .reference = "pandas.DataFrame.drop_duplicates",
           .options = {{.name = "keep",
                        .kind = OptionKind::text,
                        .default_value = std::string("first"),
                        .help = "which of several equal rows stays; none: not one (pandas: keep=False)",
                        .choices = {"first", "last", "none"}},
                       subset_option()}},
      .scope = "whole message",
      .example = R"({ "task": "drop_duplicates", "subset": ["dateTime", "station"], "keep": "last" })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<DropDuplicates>(schema, options);
      }};
}

}  // namespace millrace
