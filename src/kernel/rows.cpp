// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/rows.hpp"

#include "kernel/vector_table.hpp"

namespace millrace {
namespace {

const RowKernels& kernels() {
  return *vector_table().rows;
}

}  // namespace

void add_squares(std::span<double> sums, std::span<const double> values) {
  kernels().add_squares(sums.data(), values.data(), sums.size());
}

void add_magnitudes(std::span<double> sums, std::span<const double> values) {
  kernels().add_magnitudes(sums.data(), values.data(), sums.size());
}

void raise_to_magnitudes(std::span<double> largest, std::span<const double> values) {
  kernels().raise_to_magnitudes(largest.data(), values.data(), largest.size());
}

void square_roots(std::span<double> values) {
  kernels().square_roots(values.data(), values.size());
}

bool make_divisors(std::span<double> norms, double least) {
  return kernels().make_divisors(norms.data(), norms.size(), least);
}

void divide_rows(std::span<double> values, std::span<const double> divisors) {
  kernels().divide_rows(values.data(), divisors.data(), values.size());
}

void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const double> values) {
  kernels().hash_doubles(hashes.data(), values.data(), hashes.size());
}

void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::int64_t> values) {
  kernels().hash_wide(hashes.data(), values.data(), hashes.size());
}

void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::int32_t> values) {
  kernels().hash_codes(hashes.data(), values.data(), hashes.size());
}

void add_to_hashes(std::span<std::uint64_t> hashes, std::span<const std::uint8_t> values) {
  kernels().hash_bytes(hashes.data(), values.data(), hashes.size());
}

void count_missing(std::span<std::uint32_t> counts, std::span<const double> values) {
  kernels().count_nan(counts.data(), values.data(), counts.size());
}

void count_missing(std::span<std::uint32_t> counts, std::span<const std::uint8_t> valid) {
  kernels().count_invalid(counts.data(), valid.data(), counts.size());
}

void count_missing(std::span<std::uint32_t> counts, std::span<const std::int32_t> codes) {
  kernels().count_no_code(counts.data(), codes.data(), counts.size());
}

}  // namespace millrace
