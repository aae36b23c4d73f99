// SPDX-License-Identifier: Apache-2.0
// The common numbers without a call: plain decimals of up to 8 characters in one 64-bit word, up to 19 digits
// by a loop. What is not handled is left to number.hpp; what is handled has the same value, bit for bit: a
// mantissa below 2^53 and a power of ten up to 10^22 are exact, so one division rounds once, correctly (W. D.
// Clinger, 1990).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "byte_scan.hpp"

namespace millrace {

// The powers of ten that a double holds exactly, then their negatives: a division gives the sign as well
// (also of zero).
inline constexpr std::array<double, 46> signed_powers_of_ten{
    1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,   1e8,   1e9,   1e10,  1e11,
    1e12,  1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  -1e0,
    -1e1,  -1e2,  -1e3,  -1e4,  -1e5,  -1e6,  -1e7,  -1e8,  -1e9,  -1e10, -1e11, -1e12,
    -1e13, -1e14, -1e15, -1e16, -1e17, -1e18, -1e19, -1e20, -1e21, -1e22};

inline double quotient(std::uint64_t mantissa, std::size_t places, bool negative) {
  return static_cast<double>(static_cast<std::int64_t>(mantissa)) /
         signed_powers_of_ten[places + (negative ? 23 : 0)];
}

// The value of eight bytes of 0 to 9, the first one in the lowest byte.
inline std::uint64_t eight_digits(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  const auto even = (digits & 0x000000FF000000FFu) * 0x000F424000000064u;
  const auto odd = (digits >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u;
  return (even + odd) >> 32;
}

inline bool all_digits(std::uint64_t bytes) {
  return ((bytes | (bytes + every_byte(0x76))) & every_byte(0x80)) == 0;
}

// JSON's form without an exponent, 1 to 8 characters after the sign, all of 8 readable.
inline bool short_decimal(const char* begin, unsigned size, bool negative, double& value) {
  constexpr unsigned char point = '.' ^ '0';
  // Right-aligned, so that missing leading digits are zeros.
  const auto text = (load8(begin) ^ every_byte('0')) << (64 - 8 * size);
  const auto without_point = text ^ every_byte(point);
  const auto found = (without_point - every_byte(1)) & ~without_point & every_byte(0x80);
  const auto first = found & (0 - found);
  const auto before = (first >> 7) - 1;
  const auto through = (first << 1) - 1;
  const auto digits = found == 0 ? text : (text & before) << 8 | (text & ~through);
  const auto places = found == 0 ? 0 : 7 - (static_cast<unsigned>(std::countr_zero(first)) >> 3);
  const bool leading_zero = size > 1 && begin[0] == '0' && begin[1] != '.';
  if (!all_digits(digits) || leading_zero || text >> 56 > 9 || static_cast<unsigned char>(begin[0] - '0') > 9)
    return false;
  value = quotient(eight_digits(digits), places, negative);
  return true;
}

inline bool long_decimal(const char* begin, std::size_t size, bool negative, double& value) {
  if (size > 20 || static_cast<unsigned char>(begin[0] - '0') > 9 || begin[size - 1] == '.') return false;
  if (begin[0] == '0' && begin[1] != '.') return false;
  std::uint64_t mantissa = 0;
  std::size_t point = size;
  for (std::size_t place = 0; place < size; ++place) {
    const auto digit = static_cast<unsigned char>(begin[place] - '0');
    if (digit <= 9) {
      mantissa = mantissa * 10 + digit;
    } else if (begin[place] == '.' && point == size) {
      point = place;
    } else {
      return false;
    }
  }
  const auto places = point == size ? 0 : size - point - 1;
  if (size - (point == size ? 0 : 1) > 19 || mantissa > std::uint64_t{1} << 53) return false;
  value = quotient(mantissa, places, negative);
  return true;
}

// False: not handled here (an exponent, too many digits, or no JSON number). 16 bytes from `begin` are
// readable.
inline bool fast_double(const char* begin, std::size_t size, double& value) {
  const bool negative = *begin == '-';
  const auto* digits = begin + negative;
  const auto count = size - negative;
  if (count - 1 < 8) return short_decimal(digits, static_cast<unsigned>(count), negative, value);
  return size > negative && long_decimal(digits, count, negative, value);
}

// The same for whole numbers of up to 18 digits.
inline bool fast_whole(const char* begin, std::size_t size, std::int64_t& value) {
  const bool negative = *begin == '-';
  const auto* digit = begin + negative;
  const auto* end = begin + size;
  const auto count = size - negative;
  if (count - 1 >= 18 || (*digit == '0' && count > 1)) return false;
  std::int64_t magnitude = 0;
  for (; digit != end; ++digit) {
    if (static_cast<unsigned char>(*digit - '0') > 9) return false;
    magnitude = magnitude * 10 + (*digit - '0');
  }
  value = negative ? -magnitude : magnitude;
  return true;
}

}  // namespace millrace
