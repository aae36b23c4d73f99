// SPDX-License-Identifier: Apache-2.0
#include "task/simple_tasks.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "millrace/kernel/normal_quantile.hpp"
#include "task/simple_scalers.hpp"

namespace millrace::test {
namespace {

std::string row_key(const Frame& frame, std::size_t row, const Options& options) {
  std::string key;
  for (const auto& column : frame.columns) {
    const auto& info = column.info;
    if (options.has("subset") &&
        std::count(options.texts("subset").begin(), options.texts("subset").end(), info.name) == 0)
      continue;
    if (column.is_missing(row))
      key += "-";
    else if (info.type == Type::float64)
      key += std::to_string(std::bit_cast<std::int64_t>(column.f64[row] == 0 ? 0.0 : column.f64[row]));
    else if (info.type == Type::text)
      key.append("'").append(column.text(row)).append("'");
    else
      key += std::to_string(info.type == Type::boolean ? column.u8[row] : column.i64[row]);
    key += "|";
  }
  return key;
}

void drop_duplicates(Frame& frame, const Options& options, std::vector<Reject>&) {
  std::map<std::string, std::vector<std::uint32_t>> groups;
  for (std::uint32_t row = 0; row < frame.rows(); ++row) groups[row_key(frame, row, options)].push_back(row);
  std::vector<std::uint32_t> kept;
  for (const auto& [key, rows] : groups) {
    if (options.text("keep") == "first") kept.push_back(rows.front());
    if (options.text("keep") == "last") kept.push_back(rows.back());
    if (options.text("keep") == "none" && rows.size() == 1) kept.push_back(rows.front());
  }
  std::sort(kept.begin(), kept.end());
  frame.keep_rows(kept);
}

void fillna_zeros(Frame& frame, const Options& options, std::vector<Reject>&) {
  for (const auto place : numeric_columns(frame.schema(), options)) {
    auto& column = frame.columns[place];
    for (std::size_t row = 0; row < frame.rows(); ++row) {
      if (!column.is_missing(row)) continue;
      if (column.info.type == Type::int64)
        column.i64[row] = static_cast<std::int64_t>(options.number("value"));
      else
        column.f64[row] = options.number("value");
    }
    column.valid.clear();
  }
}

void normalizer(Frame& frame, const Options& options, std::vector<Reject>& rejects) {
  const auto columns = numeric_columns(frame.schema(), options);
  for (const auto column : columns) make_double(frame.columns[column]);
  std::vector<std::uint32_t> kept;
  for (std::uint32_t row = 0; row < frame.rows(); ++row) {
    long double l1 = 0, l2 = 0, most = 0;
    for (const auto column : columns) {
      const long double size = std::abs(frame.columns[column].f64[row]);
      l1 += size;
      l2 += size * size;
      most = std::isnan(size) ? most : std::max(most, size);
    }
    if (!std::isnan(l1) || options.text("missing") == "skip") kept.push_back(row);
    if (std::isnan(l1) && options.text("missing") == "refuse")
      rejects.push_back({frame.row_index[row], {}, {}});
    if (std::isnan(l1)) continue;
    const auto& name = options.text("norm");
    const auto norm = name == "l1" ? l1 : name == "l2" ? std::sqrt(l2) : most;
    for (const auto column : columns)
      if (norm >= 10 * std::numeric_limits<double>::epsilon())
        frame.columns[column].f64[row] = static_cast<double>(frame.columns[column].f64[row] / norm);
  }
  frame.keep_rows(kept);
}

void standard_scaler(Frame& frame, const Options& options, std::vector<Reject>&) {
  for (const auto place : numeric_columns(frame.schema(), options)) {
    auto& column = frame.columns[place];
    make_double(column);
    const auto values = present_sorted(column);
    const auto count = static_cast<long double>(values.size());
    long double mean = values.empty() ? missing : values.front(), variance = 0;
    for (const auto value : values) mean += (static_cast<long double>(value) - values.front()) / count;
    for (const auto value : values) variance += (value - mean) * (value - mean) / count;
    const auto error = count * mean * std::numeric_limits<double>::epsilon();
    const auto constant =
        variance <= count * std::numeric_limits<double>::epsilon() * variance + error * error;
    for (auto& value : column.f64)
      value = static_cast<double>((value - (options.boolean("with_mean") ? mean : 0)) /
                                  (constant || !options.boolean("with_std") ? 1 : std::sqrt(variance)));
  }
}

// numpy.interp, by looking through all points.
double interpolated(double x, const std::vector<double>& from, const std::vector<double>& to) {
  if (x < from.front()) return to.front();
  for (auto point = from.size(); point-- > 0;) {
    if (!(from[point] <= x)) continue;
    if (point + 1 == from.size() || from[point] == x) return to[point];
    return (to[point + 1] - to[point]) / (from[point + 1] - from[point]) * (x - from[point]) + to[point];
  }
  return missing;
}

void quantile_column(Column& column, std::size_t number, bool normal) {
  const auto values = present_sorted(column);
  if (values.empty()) return;
  std::vector<double> quantiles, references, down_from, down_to;
  for (std::size_t i = 0; i < number; ++i) {
    references.push_back(number == 1 ? 0
                         : i + 1 == number
                             ? 1
                             : static_cast<double>(i) * (1.0 / static_cast<double>(number - 1)));
    const auto place = references.back() * 100 / 100 * static_cast<double>(values.size() - 1);
    const auto below = std::min(static_cast<std::size_t>(place), values.size() - 1);
    const auto above = std::min(below + 1, values.size() - 1);
    const auto t = place - static_cast<double>(below), step = values[above] - values[below];
    quantiles.push_back(t >= 0.5 ? values[above] - step * (1 - t) : values[below] + step * t);
    if (i > 0) quantiles[i] = std::max(quantiles[i], quantiles[i - 1]);
  }
  for (auto i = number; i-- > 0;) {
    down_from.push_back(-quantiles[i]);
    down_to.push_back(-references[i]);
  }
  for (auto& x : column.f64) {
    if (std::isnan(x)) continue;
    auto y = 0.5 * (interpolated(x, quantiles, references) - interpolated(-x, down_from, down_to));
    if (normal ? x + 1e-7 > quantiles.back() : x == quantiles.back()) y = 1;
    if (normal ? x - 1e-7 < quantiles.front() : x == quantiles.front()) y = 0;
    x = normal ? std::clamp(normal_quantile(y), -5.199337582605575, 5.19933758270342) : y;
  }
}

SimpleTask quantile_transformer(bool normal) {
  return [normal](Frame& frame, const Options& options, std::vector<Reject>&) {
    const auto number = std::min(static_cast<std::size_t>(options.integer("n_quantiles")), frame.rows());
    for (const auto column : numeric_columns(frame.schema(), options)) {
      make_double(frame.columns[column]);
      quantile_column(frame.columns[column], number, normal);
    }
  };
}

}  // namespace

void run_simply(Result& result, const std::vector<ChainStep>& steps) {
  static const std::map<std::string, SimpleTask> tasks{
      {"abs", simple_abs},
      {"aggregated_sum", simple_aggregated_sum},
      {"drop_duplicates", drop_duplicates},
      {"fillna_mean", simple_fillna_mean},
      {"fillna_median", simple_fillna_median},
      {"fillna_zeros", fillna_zeros},
      {"handling_missing", simple_handling_missing},
      {"max_abs_scaler", simple_max_abs_scaler},
      {"min_max_scaler", simple_min_max_scaler},
      {"min_max_scaler_m1_1", simple_min_max_scaler},
      {"normalizer", normalizer},
      {"quantile_transformer_normal", quantile_transformer(true)},
      {"quantile_transformer_uniform", quantile_transformer(false)},
      {"robust_scaler", simple_robust_scaler},
      {"standard_scaler", standard_scaler}};
  for (const auto& step : steps) tasks.at(step.task)(result.frame, step.options, result.rejects);
}

}  // namespace millrace::test
