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

// Divisors by the number of decimal places, for a number with and without a minus; exact in double up to
// 10^22. A division gives the sign as well, also of zero.
inline constexpr std::size_t most_places = 22;
inline constexpr std::array<std::array<double, most_places + 1>, 2> powers_of_ten{
    {{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22},
     {-1e0,  -1e1,  -1e2,  -1e3,  -1e4,  -1e5,  -1e6,  -1e7,  -1e8,  -1e9,  -1e10, -1e11,
      -1e12, -1e13, -1e14, -1e15, -1e16, -1e17, -1e18, -1e19, -1e20, -1e21, -1e22}}};
// The same by the number of leading zero bytes in a word that marks the point, 8 where there is none.
inline constexpr std::array<std::array<double, 9>, 2> short_divisors{
    {{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e0}, {-1e0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7, -1e0}}};

// The value of eight bytes of 0 to 9, the first one in the lowest byte.
inline std::uint64_t eight_digits(std::uint64_t digits) {
  digits = digits * 10 + (digits >> 8);
  const auto even = (digits & 0x000000FF000000FFu) * 0x000F424000000064u;
  const auto odd = (digits >> 16 & 0x000000FF000000FFu) * 0x0000271000000001u;
  return (even + odd) >> 32;
}

// JSON's form without an exponent, 1 to 8 characters after the sign, all of 8 readable.
inline bool short_decimal(const char* begin, std::size_t size, bool negative, double& value) {
  // A first digit 1 to 9 is the common case; 0 must stand alone before the point.
  if (static_cast<unsigned char>(begin[0] - '1') > 8 && (begin[0] != '0' || (size > 1 && begin[1] != '.')))
    return false;
  // Right-aligned, so that missing leading digits are zeros. Of digits (0 to 9) and the point (0x1E) only the
  // latter has bit 4: the first such byte is taken for the point, and becomes 0 if it is one.
  const auto text = (load8(begin) ^ every_byte('0')) << (64 - 8 * size);
  const auto marks = text & every_byte(0x10);
  const auto point = marks & (0 - marks);
  const auto digits = text ^ ((point << 1) - (point >> 3));
  // Up to 9 in a digit's byte, only 0 in that of the point: more reaches the high bit. The point is not the
  // last byte.
  const auto headroom = every_byte(0x76) + (point >> 1) + (point >> 4);
  if ((((digits | (digits + headroom)) & every_byte(0x80)) | marks >> 60) != 0) return false;
  const auto before = digits & ((point >> 4) - (point != 0 ? 1 : 0));
  const auto places = static_cast<std::size_t>(std::countl_zero(point)) >> 3;
  const auto mantissa = eight_digits(digits + (before << 8) - before);
  value = static_cast<double>(static_cast<std::int64_t>(mantissa)) / short_divisors[negative][places];
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
  value = static_cast<double>(static_cast<std::int64_t>(mantissa)) / powers_of_ten[negative][places];
  return true;
}

// False: not handled here (an exponent, too many digits, or no JSON number). 16 bytes from `begin` are
// readable.
inline bool fast_double(const char* begin, std::size_t size, double& value) {
  const bool negative = *begin == '-';
  const auto* digits = begin + negative;
  const auto count = size - negative;
  if (count - 1 < 8) return short_decimal(digits, count, negative, value);
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
