// SPDX-License-Identifier: Apache-2.0
#include "kernel/normal_coefficients.hpp"
#include "kernel/vector_table.hpp"

namespace millrace::MILLRACE_VECTOR_PATH {
namespace {

// A reduction keeps 16 lanes on every path: value i of a block goes to lane i % 16.
constexpr std::size_t lanes = 16;
constexpr std::size_t width = MILLRACE_VECTOR_BYTES / sizeof(double);
constexpr std::size_t packs = lanes / width;
constexpr std::size_t block = 128 * lanes;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using Pack __attribute__((vector_size(MILLRACE_VECTOR_BYTES))) = double;
using Mask __attribute__((vector_size(MILLRACE_VECTOR_BYTES))) = std::int64_t;

#define LOAD(pack, from) __builtin_memcpy(&(pack), from, sizeof(pack))

// Calls step(16 values) for all of them, the last ones padded with NaN.
template <class Step>
inline __attribute__((always_inline)) void by_lanes(const double* values, std::size_t count, Step step) {
  std::size_t at = 0;
  for (; at + lanes <= count; at += lanes) step(values + at);
  if (at == count) return;
  double rest[lanes];
  for (std::size_t lane = 0; lane < lanes; ++lane) rest[lane] = at + lane < count ? values[at + lane] : nan;
  step(rest);
}

struct TwoSum {
  double high = 0, low = 0;
  inline __attribute__((always_inline)) void add(double value) {
    const auto total = high + value;
    const auto part = total - high;
    low += (high - (total - part)) + (value - part);
    high = total;
  }
};

Sum sum(const double* values, std::size_t count) {
  Pack total[packs] = {}, error[packs] = {};
  Mask present[packs] = {};
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      Pack value;
      LOAD(value, from + pack * width);
      const Mask is_value = value == value;
      value = is_value ? value : Pack{};
      const Pack next = total[pack] + value;
      const Pack part = next - total[pack];
      error[pack] += (total[pack] - (next - part)) + (value - part);
      total[pack] = next;
      present[pack] -= is_value;
    }
  });
  TwoSum all;
  std::int64_t number = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) all.add(total[lane / width][lane % width]);
  for (std::size_t lane = 0; lane < lanes; ++lane) all.low += error[lane / width][lane % width];
  for (std::size_t lane = 0; lane < lanes; ++lane) number += present[lane / width][lane % width];
  if (!(all.high - all.high == 0)) return {all.high, 0, static_cast<std::size_t>(number)};
  const auto high = all.high + all.low;
  return {high, all.low - (high - all.high), static_cast<std::size_t>(number)};
}

double block_deviations(const double* values, std::size_t count, double centre) {
  Pack total[packs] = {};
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      Pack value;
      LOAD(value, from + pack * width);
      const Pack deviation = value - centre;
      total[pack] += value == value ? deviation * deviation : Pack{};
    }
  });
  double all = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) all += total[lane / width][lane % width];
  return all;
}

double squared_deviations(const double* values, std::size_t count, double centre) {
  double all = 0;
  for (std::size_t at = 0; at < count; at += block)
    all += block_deviations(values + at, count - at < block ? count - at : block, centre);
  return all;
}

Extremes extremes(const double* values, std::size_t count) {
  Pack least[packs], most[packs];
  for (std::size_t pack = 0; pack < packs; ++pack) {
    least[pack] = Pack{} + infinity;
    most[pack] = Pack{} - infinity;
  }
  by_lanes(values, count, [&](const double* from) {
    for (std::size_t pack = 0; pack < packs; ++pack) {
      Pack value;
      LOAD(value, from + pack * width);
      least[pack] = value < least[pack] ? value : least[pack];
      most[pack] = value > most[pack] ? value : most[pack];
    }
  });
  Extremes all{infinity, -infinity};
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    const auto low = least[lane / width][lane % width], high = most[lane / width][lane % width];
    all.least = low < all.least ? low : all.least;
    all.most = high > all.most ? high : all.most;
  }
  return all.least > all.most ? Extremes{} : all;
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

const ValueKernels value_kernels{sum,
                                 squared_deviations,
                                 extremes,
                                 absolute,
                                 fill_missing,
                                 subtract,
                                 divide,
                                 standardize,
                                 scale_and_shift,
                                 clamp,
                                 to_double,
                                 to_double_or_missing,
                                 interval_numbers,
                                 central_normal_quantiles};

}  // namespace millrace::MILLRACE_VECTOR_PATH
