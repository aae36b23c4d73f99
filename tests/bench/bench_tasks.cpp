// SPDX-License-Identifier: Apache-2.0
// How fast the tasks are on frames of 26 numbers and 7 texts, in nanoseconds a row, against copying the
// frame.
//   bench_tasks [ROWS ...]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "millrace/base/clock.hpp"
#include "millrace/kernel/vector_path.hpp"
#include "millrace/task/chain.hpp"

using namespace millrace;

namespace {

constexpr std::size_t numbers = 26, texts = 7;

// Values as a weather station rounds them: some columns slow and tied, some mostly zero, some all different.
double weather_value(std::size_t column, std::size_t row, std::mt19937_64& random) {
  const auto noise = std::normal_distribution<double>()(random);
  const auto slow = std::sin(static_cast<double>(row + 97 * column) / 300);
  if (random() % 1000 < 4 && column % 2 == 0) return std::numeric_limits<double>::quiet_NaN();
  switch (column % 4) {
    case 0:
      return std::round((15 + 10 * slow + noise * 0.3) * 10) / 10;
    case 1:
      return std::round(1013 + 50 * slow + noise);
    case 2:
      return random() % 10 == 0 ? std::round(noise * noise * 100) / 100 : 0;
    default:
      return noise;
  }
}

Frame weather_frame(std::size_t rows) {
  std::mt19937_64 random(1);
  Frame frame;
  for (std::size_t number = 0; number < numbers; ++number) {
    auto& column =
        frame.columns.emplace_back(ColumnInfo{.name = std::string("x").append(std::to_string(number))});
    for (std::size_t row = 0; row < rows; ++row) column.f64.push_back(weather_value(number, row, random));
  }
  for (std::size_t text = 0; text < texts; ++text) {
    auto& column = frame.columns.emplace_back(
        ColumnInfo{.name = std::string("t").append(std::to_string(text)), .type = Type::text});
    column.labels = {"", "a", "b", "c", "d", "e"};
    for (std::size_t row = 0; row < rows; ++row)
      column.codes.push_back(static_cast<std::int32_t>(random() % 6));
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    const auto source = row > 0 && random() % 100 == 0 ? row - 1 : row;
    for (auto& column : frame.columns) {
      if (!column.f64.empty()) column.f64[row] = column.f64[source];
      if (!column.codes.empty()) column.codes[row] = column.codes[source];
    }
    frame.row_index.push_back(row);
  }
  return frame;
}

// The best of several passes; the frame is made anew before each.
template <class Work>
double ns_a_row(const Frame& frame, Work work) {
  double best = 1e18;
  Result result;
  const auto passes = std::clamp<std::size_t>(400'000 / frame.rows(), 10, 2000);
  for (std::size_t pass = 0; pass < passes; ++pass) {
    result.frame = frame;
    result.stages.clear();
    result.rejects.clear();
    const auto start = system_clock().now_s();
    work(result);
    best = std::min(best, (system_clock().now_s() - start) * 1e9 / static_cast<double>(frame.rows()));
  }
  return best;
}

void measure(std::size_t rows) {
  auto frame = weather_frame(rows);
  Frame copy = frame;
  std::printf("%zu rows a message, vector path %s\n", rows, name_of(vector_path()));
  std::printf("  %-30s %9.2f ns/row\n", "copy",
              ns_a_row(frame, [&](Result& result) { copy = result.frame; }));
  for (const auto& info : task_catalog()) {
    const Chain chain(frame.schema(), {{info.part.name, Options(info.part.options, {})}});
    if (info.part.name == "normalizer")
      for (auto& column : frame.columns)
        std::replace_if(
            column.f64.begin(), column.f64.end(), [](double v) { return std::isnan(v); }, 0);
    const auto one = ns_a_row(frame, [&](Result& result) { chain.run(result, 1); });
    const auto two = ns_a_row(frame, [&](Result& result) { chain.run(result, 2); });
    std::printf("  %-30s %9.2f ns/row, 2 threads %9.2f\n", info.part.name.c_str(), one, two);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    for (const auto rows : {1, 100, 1000, 10'000}) measure(rows);
    return 0;
  }
  for (int i = 1; i < count; ++i) measure(std::strtoul(arguments[i], nullptr, 10));
}
