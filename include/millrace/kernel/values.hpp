// SPDX-License-Identifier: Apache-2.0
// Kernels over the values of one column. NaN is a missing value: it is left alone and counts for nothing.
// They allocate nothing and throw nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace millrace {

// A sum, and the number of values that are not missing. What each addition loses is kept and added in the
// end: the sum is good to its last digit or two even where values cancel. An overflow is infinite or NaN.
struct Sum {
  double value = 0;
  std::size_t count = 0;
};
Sum sum(std::span<const double> values);

// The sum of value - origin. Its error is small beside the spread of the values if origin is one of them.
Sum sum_of_differences(std::span<const double> values, double origin);

// A centre as high + low, since that of values close together lies between two doubles.
struct Mean {
  double high = std::numeric_limits<double>::quiet_NaN();
  double low = 0;
  std::size_t count = 0;
};
// NaN if no value is present; infinite or NaN if one of them is infinite.
Mean mean(std::span<const double> values);

// The sum of ((value - centre.high) - centre.low)^2.
double squared_deviations(std::span<const double> values, Mean centre);

// NaN where no value is present. `count` values are.
struct Extremes {
  double least = std::numeric_limits<double>::quiet_NaN();
  double most = std::numeric_limits<double>::quiet_NaN();
  std::size_t count = 0;
};
Extremes extremes(std::span<const double> values);

void absolute(std::span<double> values);
void fill_missing(std::span<double> values, double with);
// (value - centre.high) - centre.low
void subtract(std::span<double> values, Mean centre);
void divide(std::span<double> values, double divisor);
// ((value - centre.high) - centre.low) / divisor
void standardize(std::span<double> values, Mean centre, double divisor);
// value * factor + addend
void scale_and_shift(std::span<double> values, double factor, double addend);
void clamp(std::span<double> values, double least, double most);

// Whole numbers as doubles; NaN where valid is 0. An empty `valid`: all are present.
void to_double(std::span<const std::int64_t> values, std::span<const std::uint8_t> valid,
               std::span<double> out);

}  // namespace millrace
