// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/values.hpp"

#include <algorithm>
#include <cmath>

#include "kernel/vector_table.hpp"

namespace millrace {
namespace {

const ValueKernels& kernels() {
  return *vector_table().values;
}

}  // namespace

Sum sum(std::span<const double> values) {
  return kernels().sum(values.data(), values.size());
}

Sum sum_of_differences(std::span<const double> values, double origin) {
  return kernels().sum_of_differences(values.data(), values.size(), origin);
}

// The first value is the origin that the others are measured from: the mean of values close together is exact
// then.
Mean mean(std::span<const double> values) {
  const auto first = std::find_if(values.begin(), values.end(), [](double value) { return value == value; });
  if (first == values.end()) return {};
  const auto total = sum_of_differences(values, *first);
  const auto count = static_cast<double>(total.count);
  if (std::isfinite(total.value)) return {*first, total.value / count, total.count};
  return {sum(values).value / count, 0, total.count};
}

double squared_deviations(std::span<const double> values, Mean centre) {
  return kernels().squared_deviations(values.data(), values.size(), centre);
}

Extremes extremes(std::span<const double> values) {
  return kernels().extremes(values.data(), values.size());
}

void absolute(std::span<double> values) {
  kernels().absolute(values.data(), values.size());
}

void fill_missing(std::span<double> values, double with) {
  kernels().fill_missing(values.data(), values.size(), with);
}

void subtract(std::span<double> values, Mean centre) {
  kernels().subtract(values.data(), values.size(), centre.high, centre.low);
}

void divide(std::span<double> values, double divisor) {
  kernels().divide(values.data(), values.size(), divisor);
}

void standardize(std::span<double> values, Mean centre, double divisor) {
  kernels().standardize(values.data(), values.size(), centre, divisor);
}

void scale_and_shift(std::span<double> values, double factor, double addend) {
  kernels().scale_and_shift(values.data(), values.size(), factor, addend);
}

void clamp(std::span<double> values, double least, double most) {
  kernels().clamp(values.data(), values.size(), least, most);
}

void to_double(std::span<const std::int64_t> values, std::span<const std::uint8_t> valid,
               std::span<double> out) {
  if (valid.empty())
    kernels().to_double(values.data(), values.size(), out.data());
  else
    kernels().to_double_or_missing(values.data(), valid.data(), values.size(), out.data());
}

}  // namespace millrace
