// SPDX-License-Identifier: Apache-2.0
#include "kernel/normal_coefficients.hpp"
#include "kernel/vector_pack.hpp"

namespace millrace::MILLRACE_VECTOR_PATH {
namespace {

// A reduction keeps 16 lanes on every path: value i of a block goes to lane i % 16.
constexpr std::size_t lanes = 16;
constexpr std::size_t packs = lanes / width;
constexpr std::size_t block = 128 * lanes;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Calls step(16 values) for all of them, the last ones padded with NaN.
template <class Step>
MILLRACE_INLINE void by_lanes(const double* values, std::size_t count, Step step) {
  std::size_t at = 0;
  for (; at + lanes <= count; at += lanes) step(values + at);
  if (at == count) return;
  double rest[lanes];
  for (std::size_t lane = 0; lane < lanes; ++lane) rest[lane] = at + lane < count ? values[at + lane] : nan;
  step(rest);
}

// high + value as a rounded sum; what the rounding lost is added to `lost`.
template <class Number>
MILLRACE_INLINE void two_sum(Number& high, Number& lost, Number value) {
  const Number total = high + value;
  const Number part = total - high;
  lost += (high - (total - part)) + (value - part);
  high = total;
}

// The lanes of a sum that keeps what its roundings lost.
struct Lanes {
  Pack total[packs] = {}, lost[packs] = {};
  Mask present[packs] = {};

  MILLRACE_INLINE Pack present_part(const double* from, std::size_t pack) {
    const Pack value = loaded(from + pack * width);
    const Mask is_value = value == value;
    present[pack] -= is_value;
    return is_value ? value : Pack{};
  }
  MILLRACE_INLINE void add(const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack)
      two_sum(total[pack], lost[pack], present_part(from, pack));
  }
  Sum all() const {
    double high = 0, low = 0;
    std::int64_t number = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      two_sum(high, low, double(total[lane / width][lane % width]));
      low += lost[lane / width][lane % width];
      number += present[lane / width][lane % width];
    }
    return {high - high == 0 ? high + low : high, static_cast<std::size_t>(number)};
  }
};

Sum sum(const double* values, std::size_t count) {
  Lanes sums;
  by_lanes(values, count, [&](const double* from) { sums.add(from); });
  return sums.all();
}

Sum block_differences(const double* values, std::size_t count, double origin) {
  Pack total[packs] = {};
  Mask present[packs] = {};
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      const Pack value = loaded(from + pack * width);
      const Mask is_value = value == value;
      total[pack] += is_value ? value - origin : Pack{};
      present[pack] -= is_value;
    }
  });
  double all = 0;
  std::int64_t number = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    all += total[lane / width][lane % width];
    number += present[lane / width][lane % width];
  }
  return {all, static_cast<std::size_t>(number)};
}

Sum sum_of_differences(const double* values, std::size_t count, double origin) {
  Sum all;
  for (std::size_t at = 0; at < count; at += block) {
    const auto part = block_differences(values + at, count - at < block ? count - at : block, origin);
    all.value += part.value;
    all.count += part.count;
  }
  return all;
}

double block_deviations(const double* values, std::size_t count, Mean centre) {
  Pack total[packs] = {};
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      const Pack value = loaded(from + pack * width);
      const Pack deviation = (value - centre.high) - centre.low;
      total[pack] += value == value ? deviation * deviation : Pack{};
    }
  });
  double all = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) all += total[lane / width][lane % width];
  return all;
}

double squared_deviations(const double* values, std::size_t count, Mean centre) {
  double all = 0;
  for (std::size_t at = 0; at < count; at += block)
    all += block_deviations(values + at, count - at < block ? count - at : block, centre);
  return all;
}

Extremes extremes(const double* values, std::size_t count) {
  Pack least[packs], most[packs];
  Mask present[packs] = {};
  for (std::size_t pack = 0; pack < packs; ++pack) {
    least[pack] = Pack{} + infinity;
    most[pack] = Pack{} - infinity;
  }
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      const Pack value = loaded(from + pack * width);
      least[pack] = value < least[pack] ? value : least[pack];
      most[pack] = value > most[pack] ? value : most[pack];
      present[pack] -= value == value;
    }
  });
  Extremes all{infinity, -infinity, 0};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto low = least[lane / width][lane % width], high = most[lane / width][lane % width];
    all.least = low < all.least ? low : all.least;
    all.most = high > all.most ? high : all.most;
    all.count += static_cast<std::size_t>(present[lane / width][lane % width]);
  }
  return all.count == 0 ? Extremes{} : all;
}

void absolute(double* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = __builtin_fabs(values[i]);
}

void fill_missing(double* values, std::size_t count, double with) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] == values[i] ? values[i] : with;
}

void subtract(double* values, std::size_t count, double high, double low) {
  for (std::size_t i = 0; i < count; ++i) values[i] = (values[i] - high) - low;
}

void divide(double* values, std::size_t count, double divisor) {
  for (std::size_t i = 0; i < count; ++i) values[i] /= divisor;
}

void standardize(double* values, std::size_t count, Mean centre, double divisor) {
  const auto high = centre.high, low = centre.low;
  for (std::size_t i = 0; i < count; ++i) values[i] = ((values[i] - high) - low) / divisor;
}

void scale_and_shift(double* values, std::size_t count, double factor, double addend) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] * factor + addend;
}

void clamp(double* values, std::size_t count, double least, double most) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto raised = values[i] < least ? least : values[i];
    values[i] = raised > most ? most : raised;
  }
}

void to_double(const std::int64_t* values, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<double>(values[i]);
}

void to_double_or_missing(const std::int64_t* values, const std::uint8_t* valid, std::size_t count,
                          double* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = valid[i] ? static_cast<double>(values[i]) : nan;
}

void interval_numbers(const double* values, std::size_t count, Intervals intervals, std::int32_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto steps = (values[i] - intervals.least) * intervals.per_unit;
    out[i] = static_cast<std::int32_t>(values[i] == values[i] ? steps : intervals.missing);
  }
}

void central_normal_quantiles(const double* probabilities, std::size_t count, double* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto distance = probabilities[i] - 0.5;
    out[i] = distance * central_ratio(0.180625 - distance * distance);
  }
}

}  // namespace

const ValueKernels value_kernels{
    .sum = sum,
    .sum_of_differences = sum_of_differences,
    .squared_deviations = squared_deviations,
    .extremes = extremes,
    .absolute = absolute,
    .fill_missing = fill_missing,
    .subtract = subtract,
    .divide = divide,
    .standardize = standardize,
    .scale_and_shift = scale_and_shift,
    .clamp = clamp,
    .to_double = to_double,
    .to_double_or_missing = to_double_or_missing,
    .interval_numbers = interval_numbers,
    .central_normal_quantiles = central_normal_quantiles,
};

}  // namespace millrace::MILLRACE_VECTOR_PATH
