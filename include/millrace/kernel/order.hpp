// SPDX-License-Identifier: Apache-2.0
// Order: sorting one column together with its rows, and picking order statistics without sorting.
//
// Both distribute the values over about as many equal intervals as there are values, between the least and
// the most of them, in linear time; an interval that still holds many different values is distributed again,
// three times at most, and sorted by comparison then. Sensor values, which are rounded and tied, end mostly
// after one distribution.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "millrace/kernel/values.hpp"

namespace millrace {

// The values of a column that are not NaN in ascending order, and the row of each.
struct SortedValues {
  std::span<double> values;
  std::span<std::uint32_t> rows;
};

// Holds the memory that sorting and picking need, and keeps it for the next column. For one thread.
class Orderer {
 public:
  Orderer();
  ~Orderer();
  Orderer(const Orderer&) = delete;
  Orderer& operator=(const Orderer&) = delete;

  // `range` must be extremes(values). The result lives until the next call, and may be written to.
  SortedValues sort(std::span<const double> values, Extremes range);
  // out[i] = the value at place ranks[i] of the ascending order, counted from 0. Ranks ascend and are below
  // the number of values that are not NaN.
  void pick(std::span<const double> values, Extremes range, std::span<const std::size_t> ranks,
            std::span<double> out);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

// Quantiles by linear interpolation between order statistics, to the bit as numpy.nanpercentile (method
// "linear"). Of `count` values, quantile `share` (0 to 1) lies between the ranks `below` and `above`, at
// `weight` between them.
struct QuantilePlace {
  std::size_t below, above;
  double weight;
};
QuantilePlace quantile_place(std::size_t count, double share);
double interpolate(double below, double above, double weight);

}  // namespace millrace
