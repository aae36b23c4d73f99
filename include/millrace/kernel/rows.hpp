// SPDX-License-Identifier: Apache-2.0
// Kernels that add one column to something kept for every row. All spans of a call have the same length.
// They allocate nothing and throw nothing.
#pragma once

#include <cstdint>
#include <span>

namespace millrace {

// Norms of rows, column by column from 0 on; a missing value makes the norm NaN for good.
void add_squares(std::span<double> sums, std::span<const double> values);
void add_magnitudes(std::span<double> sums, std::span<const double> values);
void raise_to_magnitudes(std::span<double> largest, std::span<const double> values);
void square_roots(std::span<double> values);
// Puts 1 in place of norms below `least`. Are all of them finite?
bool make_divisors(std::span<double> norms, double least);
// values[row] /= divisors[row]
void divide_rows(std::span<double> values, std::span<const double> divisors);

// Hashes of rows, column by column from 0 on. Equal values give equal hashes: NaN equals NaN, and 0.0 equals
// -0.0.
void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const double> values);
void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::int64_t> values);
void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::int32_t> values);
void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::uint8_t> values);

// counts[row] += 1 where a value is missing: NaN, or valid 0, or code 0.
void count_missing(std::span<std::uint32_t> counts, std::span<const double> values);
void count_missing(std::span<std::uint32_t> counts, std::span<const std::uint8_t> valid);
void count_missing(std::span<std::uint32_t> counts, std::span<const std::int32_t> codes);

}  // namespace millrace
