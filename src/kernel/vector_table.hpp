// SPDX-License-Identifier: Apache-2.0
// The kernels of one vector path as a table of functions. vector_values.cpp and vector_rows.cpp are compiled
// once for every path, with MILLRACE_VECTOR_PATH as their namespace; they use no inline function of any
// library, lest a copy with wide instructions end up in the narrow path.
#pragma once

#include <cstddef>
#include <cstdint>

#include "millrace/kernel/values.hpp"

namespace millrace {

// Equal intervals from `least` on: a value's number is (value - least) * per_unit, rounded down; NaN's is
// `missing`.
struct Intervals {
  double least;
  double per_unit;
  double missing;
};

struct ValueKernels {
  Sum (*sum)(const double* values, std::size_t count);
  Sum (*sum_of_differences)(const double* values, std::size_t count, double origin);
  double (*squared_deviations)(const double* values, std::size_t count, Mean centre);
  Extremes (*extremes)(const double* values, std::size_t count);
  void (*absolute)(double* values, std::size_t count);
  void (*fill_missing)(double* values, std::size_t count, double with);
  void (*subtract)(double* values, std::size_t count, double high, double low);
  void (*divide)(double* values, std::size_t count, double divisor);
  void (*standardize)(double* values, std::size_t count, Mean centre, double divisor);
  void (*scale_and_shift)(double* values, std::size_t count, double factor, double addend);
  void (*clamp)(double* values, std::size_t count, double least, double most);
  void (*to_double)(const std::int64_t* values, std::size_t count, double* out);
  void (*to_double_or_missing)(const std::int64_t* values, const std::uint8_t* valid, std::size_t count,
                               double* out);
  void (*interval_numbers)(const double* values, std::size_t count, Intervals intervals, std::int32_t* out);
  // PPND16's central part; right where |p - 0.5| <= 0.425 only.
  void (*central_normal_quantiles)(const double* probabilities, std::size_t count, double* out);
};

struct RowKernels {
  void (*add_squares)(double* sums, const double* values, std::size_t count);
  void (*add_magnitudes)(double* sums, const double* values, std::size_t count);
  void (*raise_to_magnitudes)(double* largest, const double* values, std::size_t count);
  void (*square_roots)(double* values, std::size_t count);
  bool (*make_divisors)(double* norms, std::size_t count, double least);
  void (*divide_rows)(double* values, const double* divisors, std::size_t count);
  void (*hash_doubles)(std::uint64_t* hashes, const double* values, std::size_t count);
  void (*hash_wide)(std::uint64_t* hashes, const std::int64_t* values, std::size_t count);
  void (*hash_codes)(std::uint64_t* hashes, const std::int32_t* values, std::size_t count);
  void (*hash_bytes)(std::uint64_t* hashes, const std::uint8_t* values, std::size_t count);
  void (*count_nan)(std::uint32_t* counts, const double* values, std::size_t count);
  void (*count_invalid)(std::uint32_t* counts, const std::uint8_t* valid, std::size_t count);
  void (*count_no_code)(std::uint32_t* counts, const std::int32_t* codes, std::size_t count);
};

struct VectorTable {
  const ValueKernels* values;
  const RowKernels* rows;
};

namespace plain {
extern const ValueKernels value_kernels;
extern const RowKernels row_kernels;
}  // namespace plain
namespace avx2 {
extern const ValueKernels value_kernels;
extern const RowKernels row_kernels;
}  // namespace avx2
namespace avx512 {
extern const ValueKernels value_kernels;
extern const RowKernels row_kernels;
}  // namespace avx512

// Of the path in use.
const VectorTable& vector_table();

}  // namespace millrace
