// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/order.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "kernel/vector_table.hpp"
#include "millrace/base/bytes.hpp"

namespace millrace {
namespace {

constexpr std::size_t most_distributions = 3;
constexpr std::size_t short_part = 16;  // left to one pass of insertion

// The memory of one distribution.
struct Level {
  RawVector<std::int32_t> numbers;  // the interval of every value
  std::vector<std::uint32_t> ends;  // of every interval, and of the missing values behind them
  RawVector<double> values;
  RawVector<std::uint32_t> rows;
};

// Empty (per_unit 0) where the range has no equal intervals that a double can tell apart.
Intervals intervals_over(Extremes range, std::size_t number) {
  const auto per_unit = static_cast<double>(number - 1) / (range.most - range.least);
  const auto usable = std::isfinite(range.most - range.least) && std::isfinite(per_unit);
  return {range.least, usable ? per_unit : 0, static_cast<double>(number)};
}

// level.numbers, and level.ends as counts of every interval.
void count_intervals(std::span<const double> values, const Intervals& intervals, Level& level) {
  level.numbers.resize(values.size());
  vector_table().values->interval_numbers(values.data(), values.size(), intervals, level.numbers.data());
  level.ends.assign(static_cast<std::size_t>(intervals.missing) + 1, 0);
  for (const auto number : level.numbers) ++level.ends[number];
}

struct Pair {
  double value;
  std::uint32_t row;
  bool operator<(const Pair& other) const {
    return value < other.value || (value == other.value && row < other.row);
  }
};

void sort_by_comparison(SortedValues part) {
  std::vector<Pair> pairs(part.values.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {part.values[i], part.rows[i]};
  std::sort(pairs.begin(), pairs.end());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    part.values[i] = pairs[i].value;
    part.rows[i] = pairs[i].row;
  }
}

// Finishes what is sorted but for neighbours less than short_part apart. Keeps the order of ties.
void insert_all(SortedValues all) {
  const auto values = all.values;
  const auto rows = all.rows;
  for (std::size_t i = 1; i < values.size(); ++i) {
    const auto value = values[i];
    if (!(value < values[i - 1])) continue;
    const auto row = rows[i];
    auto place = i;
    for (; place > 0 && value < values[place - 1]; --place) {
      values[place] = values[place - 1];
      rows[place] = rows[place - 1];
    }
    values[place] = value;
    rows[place] = row;
  }
}

// Order statistics asked for: out[i] for ranks[i].
struct Picks {
  std::span<const std::size_t> ranks;
  double* out;
};

bool zero_aware_less(double a, double b) {
  return a < b || (a == b && std::signbit(a) && !std::signbit(b));
}

}  // namespace

struct Orderer::Memory {
  std::array<Level, most_distributions + 1> levels;
  RawVector<double> values;
  RawVector<std::uint32_t> rows;

  SortedValues first(std::size_t count) { return {{values.data(), count}, {rows.data(), count}}; }
  std::size_t take_present(std::span<const double> column);
  template <class RowOf>
  void distribute(std::span<const double> from, RowOf row_of, Level& level, SortedValues to);
  void sort_long_parts(SortedValues all, std::size_t depth);
  void sort_part(SortedValues part, std::size_t depth);
  void pick(std::span<const double> from, Extremes range, Picks picks, std::size_t depth);
  void pick_from_interval(std::span<const double> from, std::int32_t number, Picks picks, std::size_t depth);
};

Orderer::Orderer() : memory_(std::make_unique<Memory>()) {}
Orderer::~Orderer() = default;

std::size_t Orderer::Memory::take_present(std::span<const double> column) {
  std::size_t count = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    values[count] = column[row];
    rows[count] = static_cast<std::uint32_t>(row);
    count += column[row] == column[row] ? 1 : 0;
  }
  return count;
}

// Counting sort by interval; ends become the ends of the intervals.
template <class RowOf>
void Orderer::Memory::distribute(std::span<const double> from, RowOf row_of, Level& level, SortedValues to) {
  std::uint32_t begin = 0;
  for (auto& end : level.ends) begin += std::exchange(end, begin);
  auto* const values_to = to.values.data();
  auto* const rows_to = to.rows.data();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto place = level.ends[level.numbers[i]]++;
    values_to[place] = from[i];
    rows_to[place] = row_of(i);
  }
}

void Orderer::Memory::sort_long_parts(SortedValues all, std::size_t depth) {
  const auto& ends = levels[depth].ends;
  std::size_t begin = 0;
  for (std::size_t number = 0; number + 1 < ends.size(); ++number) {
    const std::size_t end = ends[number], size = end - begin;
    if (size > short_part)
      sort_part({all.values.subspan(begin, size), all.rows.subspan(begin, size)}, depth + 1);
    begin = end;
  }
}

void Orderer::Memory::sort_part(SortedValues part, std::size_t depth) {
  const auto range = extremes(part.values);
  if (range.least == range.most) return;
  const auto count = part.values.size();
  const auto intervals = intervals_over(range, std::bit_floor(count));
  if (intervals.per_unit == 0 || depth >= most_distributions) return sort_by_comparison(part);
  auto& level = levels[depth];
  level.values.assign(part.values.begin(), part.values.end());
  level.rows.assign(part.rows.begin(), part.rows.end());
  count_intervals(level.values, intervals, level);
  distribute(
      level.values, [&](std::size_t i) { return level.rows[i]; }, level, part);
  sort_long_parts(part, depth);
}

SortedValues Orderer::sort(std::span<const double> values, Extremes range) {
  auto& memory = *memory_;
  memory.values.resize(values.size() + 1);
  memory.rows.resize(values.size() + 1);
  if (std::isnan(range.least)) return memory.first(0);
  const auto intervals = intervals_over(range, std::bit_floor(values.size()));
  if (values.size() <= short_part || intervals.per_unit == 0 || range.least == range.most) {
    const auto all = memory.first(memory.take_present(values));
    if (all.values.size() > short_part && range.least != range.most) sort_by_comparison(all);
    insert_all(all);
    return all;
  }
  auto& level = memory.levels[0];
  count_intervals(values, intervals, level);
  const auto all = memory.first(values.size() - level.ends.back());
  memory.distribute(
      values, [](std::size_t i) { return static_cast<std::uint32_t>(i); }, level,
      memory.first(values.size()));
  memory.sort_long_parts(all, 0);
  insert_all(all);
  return all;
}

// The values of `from` whose interval is `number`, picked from in turn.
void Orderer::Memory::pick_from_interval(std::span<const double> from, std::int32_t number, Picks picks,
                                         std::size_t depth) {
  auto& level = levels[depth];
  level.values.resize(from.size() + 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    level.values[count] = from[i];
    count += level.numbers[i] == number ? 1 : 0;
  }
  const std::span<const double> some(level.values.data(), count);
  pick(some, extremes(some), picks, depth + 1);
}

void Orderer::Memory::pick(std::span<const double> from, Extremes range, Picks picks, std::size_t depth) {
  const auto ranks = picks.ranks;
  if (range.least == range.most) {
    std::fill_n(picks.out, ranks.size(), range.least);
    return;
  }
  auto& level = levels[depth];
  const auto intervals = intervals_over(range, std::max<std::size_t>(2, std::bit_floor(from.size()) / 4));
  if (from.size() <= 4 * short_part || intervals.per_unit == 0 || depth >= most_distributions) {
    level.values.resize(from.size());
    const auto end =
        std::copy_if(from.begin(), from.end(), level.values.begin(), [](double v) { return v == v; });
    std::sort(level.values.begin(), end, zero_aware_less);
    for (std::size_t i = 0; i < ranks.size(); ++i) picks.out[i] = level.values[ranks[i]];
    return;
  }
  count_intervals(from, intervals, level);
  std::vector<std::size_t> inside;
  std::size_t before = 0, next = 0;
  for (std::size_t number = 0; next < ranks.size(); ++number) {
    const auto end = before + level.ends[number];
    inside.clear();
    for (; next < ranks.size() && ranks[next] < end; ++next) inside.push_back(ranks[next] - before);
    if (!inside.empty())
      pick_from_interval(from, static_cast<std::int32_t>(number), {inside, picks.out + next - inside.size()},
                         depth);
    before = end;
  }
}

void Orderer::pick(std::span<const double> values, Extremes range, std::span<const std::size_t> ranks,
                   std::span<double> out) {
  memory_->pick(values, range, {ranks, out.data()}, 0);
}

QuantilePlace quantile_place(std::size_t count, double share) {
  const auto last = count - 1;
  const auto place = static_cast<double>(last) * share;
  if (place >= static_cast<double>(last)) return {last, last, 0};
  const auto below = static_cast<std::size_t>(place);
  return {below, below + 1, place - static_cast<double>(below)};
}

double interpolate(double below, double above, double weight) {
  const auto step = above - below;
  if (!std::isfinite(step)) return below * (1 - weight) + above * weight;
  return weight >= 0.5 ? above - step * (1 - weight) : below + step * weight;
}

}  // namespace millrace
