// SPDX-License-Identifier: Apache-2.0
// Kernels over the values of one column. NaN is a missing value: it is left alone and counts for nothing.
// They allocate nothing and throw nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace millrace {

// A sum as an unevaluated high + low with |low| <= ulp(high)/2: correct to about twice the digits of a double
// (compensated by two-sum in every lane). Where it overflows, high is what a plain sum gives and low is 0.
struct Sum {
  double high = 0;
  double low = 0;
  std::size_t count = 0;  // values that are not missing
};
Sum sum(std::span<const double> values);

// The mean of what `sum` was made of, as high + low; NaN where there is no value.
struct Mean {
  double high = std::numeric_limits<double>::quiet_NaN();
  double low = 0;
};
Mean mean(const Sum& sum);

// The sum of (value - centre)^2.
double squared_deviations(std::span<const double> values, double centre);

// NaN where no value is present.
struct Extremes {
  double least = std::numeric_limits<double>::quiet_NaN();
  double most = std::numeric_limits<double>::quiet_NaN();
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
