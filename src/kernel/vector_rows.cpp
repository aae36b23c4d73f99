// SPDX-License-Identifier: Apache-2.0
#include "kernel/vector_table.hpp"

namespace millrace::MILLRACE_VECTOR_PATH {
namespace {

void add_squares(double* __restrict sums, const double* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += values[i] * values[i];
}

void add_magnitudes(double* __restrict sums, const double* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += __builtin_fabs(values[i]);
}

void raise_to_magnitudes(double* __restrict largest, const double* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto magnitude = __builtin_fabs(values[i]);
    const auto raised = magnitude > largest[i] ? magnitude : largest[i];
    largest[i] = magnitude == magnitude ? raised : magnitude;
  }
}

void square_roots(double* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = __builtin_sqrt(values[i]);
}

void divide_rows(double* __restrict values, const double* __restrict divisors, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] /= divisors[i];
}

// Folding the high half down first, since a sensor's doubles differ in their high bits.
inline __attribute__((always_inline)) std::uint64_t mixed(std::uint64_t hash, std::uint64_t bits) {
  const auto both = hash ^ bits;
  return (both ^ (both >> 29)) * 0x9e3779b97f4a7c15u;
}

void hash_doubles(std::uint64_t* __restrict hashes, const double* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = __builtin_bit_cast(std::uint64_t, values[i] + 0.0);
    hashes[i] = mixed(hashes[i], values[i] == values[i] ? bits : 0x7ff8000000000000u);
  }
}

template <class Value>
inline __attribute__((always_inline)) void hash(std::uint64_t* __restrict hashes,
                                                const Value* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) hashes[i] = mixed(hashes[i], static_cast<std::uint64_t>(values[i]));
}

void hash_wide(std::uint64_t* hashes, const std::int64_t* values, std::size_t count) {
  hash(hashes, values, count);
}
void hash_codes(std::uint64_t* hashes, const std::int32_t* values, std::size_t count) {
  hash(hashes, values, count);
}
void hash_bytes(std::uint64_t* hashes, const std::uint8_t* values, std::size_t count) {
  hash(hashes, values, count);
}

void count_nan(std::uint32_t* __restrict counts, const double* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) counts[i] += values[i] != values[i] ? 1u : 0u;
}

void count_invalid(std::uint32_t* __restrict counts, const std::uint8_t* __restrict valid,
                   std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) counts[i] += valid[i] == 0 ? 1u : 0u;
}

void count_no_code(std::uint32_t* __restrict counts, const std::int32_t* __restrict codes,
                   std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) counts[i] += codes[i] == 0 ? 1u : 0u;
}

}  // namespace

const RowKernels row_kernels{add_squares, add_magnitudes, raise_to_magnitudes, square_roots,
                             divide_rows, hash_doubles,   hash_wide,           hash_codes,
                             hash_bytes,  count_nan,      count_invalid,       count_no_code};

}  // namespace millrace::MILLRACE_VECTOR_PATH
