// SPDX-License-Identifier: Apache-2.0
#include "kernel/vector_pack.hpp"

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

bool make_divisors(double* norms, std::size_t count, double least) {
  std::int64_t not_finite = 0;
  for (std::size_t i = 0; i < count; ++i) {
    not_finite |= norms[i] - norms[i] == 0 ? std::int64_t{0} : std::int64_t{1};
    norms[i] = norms[i] < least ? 1 : norms[i];
  }
  return not_finite == 0;
}

void divide_rows(double* __restrict values, const double* __restrict divisors, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] /= divisors[i];
}

// Folding the high half down first, since a sensor's doubles differ in their high bits.
template <class Number>
MILLRACE_INLINE Number mixed(Number hash, Number bits) {
  const Number both = hash ^ bits;
  return (both ^ (both >> 29)) * 0x9e3779b97f4a7c15u;
}

// Zeros are made positive and NaNs alike.
MILLRACE_INLINE Bits bits_of(const double* values) {
  const Pack value = loaded(values);
  const Pack positive = value + 0.0;
  const auto bits = (Bits)positive;
  return value == value ? bits : Bits{} + 0x7ff8000000000000u;
}

template <class Value>
MILLRACE_INLINE Bits bits_of(const Value* values) {
  Bits bits{};
  for (std::size_t lane = 0; lane < width; ++lane) bits[lane] = static_cast<std::uint64_t>(values[lane]);
  return bits;
}

template <class Value>
MILLRACE_INLINE void hash(std::uint64_t* hashes, const Value* values, std::size_t count) {
  std::size_t at = 0;
  for (; at + width <= count; at += width) {
    Bits some;
    __builtin_memcpy(&some, hashes + at, sizeof some);
    some = mixed(some, bits_of(values + at));
    __builtin_memcpy(hashes + at, &some, sizeof some);
  }
  Value last[width] = {};
  for (std::size_t lane = 0; at + lane < count; ++lane) last[lane] = values[at + lane];
  const Bits bits = bits_of(last);
  for (std::size_t lane = 0; at + lane < count; ++lane)
    hashes[at + lane] = mixed(hashes[at + lane], bits[lane]);
}

void hash_doubles(std::uint64_t* hashes, const double* values, std::size_t count) {
  hash(hashes, values, count);
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

const RowKernels row_kernels{
    .add_squares = add_squares,
    .add_magnitudes = add_magnitudes,
    .raise_to_magnitudes = raise_to_magnitudes,
    .square_roots = square_roots,
    .make_divisors = make_divisors,
    .divide_rows = divide_rows,
    .hash_doubles = hash_doubles,
    .hash_wide = hash_wide,
    .hash_codes = hash_codes,
    .hash_bytes = hash_bytes,
    .count_nan = count_nan,
    .count_invalid = count_invalid,
    .count_no_code = count_no_code,
};

}  // namespace millrace::MILLRACE_VECTOR_PATH
