// SPDX-License-Identifier: Apache-2.0
// Columns that break careless kernels, and a way to run a check on every vector path.
#pragma once

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "millrace/kernel/vector_path.hpp"

namespace millrace::test {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();

// Kind 0 to 7: normal, rounded and tied, with gaps, wild exponents, one outlier, constant, zeros of both
// signs, steps.
inline std::vector<double> hostile_column(std::size_t rows, int kind, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<int> percent(0, 99);
  std::vector<double> values(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto value = normal(random);
    switch (kind % 8) {
      case 0:
        values[row] = value;
        break;
      case 1:
        values[row] = std::round(value * 10) / 10;
        break;
      case 2:
        values[row] = percent(random) < 30 ? missing : value;
        break;
      case 3:
        values[row] = value * std::pow(10, percent(random) * 5 - 250);
        break;
      case 4:
        values[row] = row == rows / 2 ? 1e12 : value;
        break;
      case 5:
        values[row] = 0.1;
        break;
      case 6:
        values[row] = percent(random) < 50 ? -0.0 : 0.0;
        break;
      case 7:
        values[row] = 1e9 + static_cast<double>(row / 7) * 1e-7;
        break;
    }
  }
  return values;
}

template <class Check>
void on_every_vector_path(Check check) {
  const auto before = vector_path();
  for (const auto path : vector_paths()) {
    use_vector_path(path);
    check(path);
  }
  use_vector_path(before);
}

}  // namespace millrace::test
