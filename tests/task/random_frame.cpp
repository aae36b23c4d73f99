// SPDX-License-Identifier: Apache-2.0
#include "task/random_frame.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::test {
namespace {

using Random = std::mt19937_64;

bool chance(Random& random, int percent) {
  return static_cast<int>(random() % 100) < percent;
}

double random_number(Random& random, int kind) {
  const auto value = std::normal_distribution<double>()(random);
  switch (kind) {
    case 0:
      return std::round(value * 5) / 10;
    case 1:
      return value * 1e6;
    case 2:
      return 0.1;
    case 3:
      return value * std::pow(10, static_cast<double>(random() % 300) - 150);
    default:
      return value;
  }
}

Column random_column(Random& random, std::size_t rows, const ColumnInfo& info) {
  Column column(info);
  const auto gaps = chance(random, 50) ? static_cast<int>(random() % 40) : 0;
  const auto kind = static_cast<int>(random() % 5);
  column.resize(rows);
  if (gaps > 0 && info.type != Type::float64 && info.type != Type::text) column.valid.resize(rows);
  if (info.type == Type::text) column.labels = {"", "north", "", "south", "Åre"};
  for (std::size_t row = 0; row < rows; ++row) {
    const auto missing = chance(random, gaps);
    if (!column.valid.empty()) column.valid[row] = missing ? 0 : 1;
    const auto whole = missing ? 0 : static_cast<std::int64_t>(random() % 7) - 3;
    if (info.type == Type::float64)
      column.f64[row] = missing ? std::numeric_limits<double>::quiet_NaN() : random_number(random, kind);
    if (info.type == Type::int64 || info.type == Type::time)
      column.i64[row] = whole * (kind == 0 ? 1 << 30 : 1);
    if (info.type == Type::boolean) column.u8[row] = whole > 0 ? 1 : 0;
    if (info.type == Type::text)
      column.codes[row] = missing ? 0 : static_cast<std::int32_t>(1 + random() % 4);
  }
  return column;
}

// Copies some rows over later ones.
void repeat_rows(Random& random, Frame& frame) {
  std::vector<std::size_t> source(frame.rows());
  for (std::size_t row = 0; row < source.size(); ++row)
    source[row] = row > 0 && chance(random, 20) ? source[random() % row] : row;
  const auto gather = [&](auto& values) {
    if (values.empty()) return;
    const auto old = values;
    for (std::size_t row = 0; row < source.size(); ++row) values[row] = old[source[row]];
  };
  for (auto& column : frame.columns) {
    gather(column.f64);
    gather(column.i64);
    gather(column.u8);
    gather(column.codes);
    gather(column.valid);
  }
}

}  // namespace

Frame random_frame(Random& random, std::size_t rows) {
  Frame frame;
  frame.columns.push_back(random_column(random, rows, {.name = "time", .type = Type::time, .unit = "s"}));
  const auto numbers = 1 + random() % 8;
  for (std::size_t number = 0; number < numbers; ++number)
    frame.columns.push_back(random_column(random, rows,
                                          {.name = std::string("x").append(std::to_string(number)),
                                           .type = chance(random, 25) ? Type::int64 : Type::float64}));
  frame.columns.push_back(
      random_column(random, rows, {.name = "id", .type = Type::int64, .role = Role::key}));
  frame.columns.push_back(random_column(random, rows, {.name = "wind", .type = Type::text}));
  frame.columns.push_back(random_column(random, rows, {.name = "ok", .type = Type::boolean}));
  for (std::size_t row = 0; row < rows; ++row)
    frame.row_index.push_back(static_cast<std::uint32_t>(row * 2 + 1));
  repeat_rows(random, frame);
  return frame;
}

std::string random_chain(Random& random) {
  static const std::vector<std::string> steps{
      "abs",
      "abs columns=x0,id",
      "drop_duplicates",
      "drop_duplicates keep=last subset=x0,wind",
      "drop_duplicates keep=none subset=wind,ok",
      "fillna_mean",
      "fillna_median columns=x*",
      "fillna_zeros",
      "fillna_zeros value=3 columns=x*",
      "handling_missing",
      "handling_missing how=all subset=x0,ok",
      "handling_missing thresh=4",
      "max_abs_scaler",
      "min_max_scaler feature_range=-2,7 clip=true",
      "min_max_scaler_m1_1 columns=x0",
      "normalizer",
      "normalizer norm=l1 missing=skip",
      "normalizer norm=max columns=x0",
      "quantile_transformer_normal",
      "quantile_transformer_uniform n_quantiles=9",
      "robust_scaler",
      "robust_scaler quantile_range=10,60 unit_variance=true with_centering=false",
      "standard_scaler",
      "standard_scaler with_mean=false columns=x0,id"};
  std::string chain;
  for (auto length = random() % 5; length > 0; --length) chain += steps[random() % steps.size()] + "\n";
  if (chance(random, 10)) chain += "aggregated_sum min_count=3\n";  // leaves nothing for the others to name
  return chain;
}

}  // namespace millrace::test
