// SPDX-License-Identifier: Apache-2.0
#include "task/simple_scalers.hpp"

#include <algorithm>
#include <cmath>

#include "millrace/kernel/normal_quantile.hpp"

namespace millrace::test {
namespace {

// change(value, the column's values in order) for every value, in columns made float64.
template <class Change>
void change_columns(Frame& frame, const Options& options, Change change) {
  for (const auto place : numeric_columns(frame.schema(), options)) {
    auto& column = frame.columns[place];
    make_double(column);
    const auto values = present_sorted(column);
    if (values.empty()) continue;
    for (auto& value : column.f64) value = static_cast<double>(change(value, values));
  }
}

long double usable(long double scale) {
  return scale < 10 * std::numeric_limits<double>::epsilon() ? 1 : scale;
}

long double quantile(const std::vector<double>& values, long double share) {
  const auto place = share * static_cast<long double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<long double>(below)) *
                             (static_cast<long double>(values[above]) - values[below]);
}

bool in_subset(const Column& column, const Options& options) {
  if (!options.has("subset")) return true;
  const auto& names = options.texts("subset");
  return std::count(names.begin(), names.end(), column.info.name) > 0;
}

}  // namespace

void make_double(Column& column) {
  if (column.info.type != Type::int64) return;
  for (std::size_t row = 0; row < column.i64.size(); ++row)
    column.f64.push_back(column.is_missing(row) ? missing : static_cast<double>(column.i64[row]));
  column.i64.clear();
  column.valid.clear();
  column.info.type = Type::float64;
}

std::vector<double> present_sorted(const Column& column) {
  std::vector<double> values;
  std::copy_if(column.f64.begin(), column.f64.end(), std::back_inserter(values),
               [](double v) { return v == v; });
  std::sort(values.begin(), values.end());
  return values;
}

void simple_abs(Frame& frame, const Options& options, std::vector<Reject>&) {
  for (const auto place : numeric_columns(frame.schema(), options)) {
    for (auto& value : frame.columns[place].f64) value = value < 0 ? -value : value;
    for (auto& value : frame.columns[place].i64) value = value < 0 ? -value : value;
  }
}

void simple_aggregated_sum(Frame& frame, const Options& options, std::vector<Reject>&) {
  Frame sums;
  for (const auto place : numeric_columns(frame.schema(), options)) {
    const auto& column = frame.columns[place];
    auto& to = sums.columns.emplace_back(column.info);
    long double number = 0, lost = 0;
    std::int64_t whole = 0, count = 0;
    for (std::size_t row = 0; row < frame.rows(); ++row) {
      if (column.is_missing(row)) continue;
      ++count;
      if (column.info.type == Type::int64) whole += column.i64[row];
      if (column.info.type == Type::float64) {
        const auto before = number, value = static_cast<long double>(column.f64[row]);
        number += value;
        lost += std::abs(before) > std::abs(value) ? before - number + value : value - number + before;
      }
    }
    const auto enough = count >= options.integer("min_count");
    if (column.info.type == Type::float64)
      to.f64.push_back(enough ? static_cast<double>(number + lost) : missing);
    if (column.info.type == Type::int64) to.i64.push_back(enough ? whole : 0);
    if (column.info.type == Type::int64 && !enough) to.valid.push_back(0);
  }
  sums.row_index.push_back(frame.rows() == 0 ? 0 : frame.row_index[0]);
  frame = sums;
}

void simple_fillna_mean(Frame& frame, const Options& options, std::vector<Reject>&) {
  change_columns(frame, options, [](long double value, const std::vector<double>& values) {
    long double total = 0;
    for (const auto one : values) total += one;
    return std::isnan(value) ? total / static_cast<long double>(values.size()) : value;
  });
}

void simple_fillna_median(Frame& frame, const Options& options, std::vector<Reject>&) {
  change_columns(frame, options, [](long double value, const std::vector<double>& values) {
    return std::isnan(value) ? quantile(values, 0.5L) : value;
  });
}

void simple_handling_missing(Frame& frame, const Options& options, std::vector<Reject>&) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < frame.rows(); ++row) {
    std::int64_t present = 0, all = 0;
    for (const auto& column : frame.columns) {
      if (!in_subset(column, options)) continue;
      ++all;
      present += column.is_missing(row) ? 0 : 1;
    }
    auto least = all;
    if (options.has("how") && options.text("how") == "all") least = 1;
    if (options.has("thresh")) least = options.integer("thresh");
    if (present >= least) kept.push_back(row);
  }
  frame.keep_rows(kept);
}

void simple_max_abs_scaler(Frame& frame, const Options& options, std::vector<Reject>&) {
  change_columns(frame, options, [](long double value, const std::vector<double>& values) {
    return value / usable(std::max(std::abs(values.front()), std::abs(values.back())));
  });
}

void simple_min_max_scaler(Frame& frame, const Options& options, std::vector<Reject>&) {
  const auto range =
      options.has("feature_range") ? options.numbers("feature_range") : std::vector<double>{-1, 1};
  change_columns(frame, options, [&](long double value, const std::vector<double>& values) {
    const auto spread = usable(static_cast<long double>(values.back()) - values.front());
    return range[0] + (value - values.front()) / spread * (range[1] - range[0]);
  });
}

void simple_robust_scaler(Frame& frame, const Options& options, std::vector<Reject>&) {
  const auto low = options.numbers("quantile_range")[0] / 100,
             high = options.numbers("quantile_range")[1] / 100;
  const auto unit = options.boolean("unit_variance") ? normal_quantile(high) - normal_quantile(low) : 1;
  change_columns(frame, options, [&](long double value, const std::vector<double>& values) {
    const auto centre = options.boolean("with_centering") ? quantile(values, 0.5L) : 0;
    return (value - centre) / (usable(quantile(values, high) - quantile(values, low)) / unit);
  });
}

}  // namespace millrace::test
