// SPDX-License-Identifier: Apache-2.0
// The structure of JSON, 64 bytes at once. Bit i of a mask stands for byte i.
#pragma once

#include <bit>
#include <cstdint>

#include "byte_scan.hpp"

namespace millrace {

struct JsonBlock {
  static constexpr std::size_t bytes = 64;
  std::uint64_t quotes = 0, backslashes = 0, brackets = 0;
};

#ifdef MILLRACE_SSE2_SCAN

// All 64 bytes must be readable.
inline JsonBlock json_block(const char* place) {
  JsonBlock block;
  for (unsigned at = 0; at < JsonBlock::bytes; at += 16) {
    const auto bytes = load16(place + at);
    const auto curly = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // [ and ] become { and }
    const auto brackets =
        _mm_or_si128(_mm_cmpeq_epi8(curly, _mm_set1_epi8('{')), _mm_cmpeq_epi8(curly, _mm_set1_epi8('}')));
    block.quotes |= std::uint64_t{bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')))} << at;
    block.backslashes |= std::uint64_t{bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')))} << at;
    block.brackets |= std::uint64_t{bits(brackets)} << at;
  }
  return block;
}

#else

inline JsonBlock json_block(const char* place) {
  // The high bits of 8 bytes, gathered: each is moved by its own distance into the highest byte.
  const auto gathered = [](std::uint64_t high_bits) { return (high_bits >> 7) * 0x0102040810204080u >> 56; };
  JsonBlock block;
  for (unsigned at = 0; at < JsonBlock::bytes; at += 8) {
    const auto word = load8(place + at);
    const auto curly = word | every_byte(0x20);
    block.quotes |= gathered(zero_bytes(word ^ every_byte('"'))) << at;
    block.backslashes |= gathered(zero_bytes(word ^ every_byte('\\'))) << at;
    block.brackets |= gathered(zero_bytes(curly ^ every_byte('{')) | zero_bytes(curly ^ every_byte('}')))
                      << at;
  }
  return block;
}

#endif

// Which bytes lie in strings, from block to block. A backslash takes the next byte's meaning as a quote or a
// backslash, also outside strings (where JSON has none).
class JsonStrings {
 public:
  // Bits of the bytes inside, opening quotes included.
  std::uint64_t inside(const JsonBlock& block) {
    auto inside = block.quotes & ~escaped(block.backslashes);
    for (unsigned distance = 1; distance < 64; distance *= 2) inside ^= inside << distance;
    inside ^= open_;
    open_ = std::uint64_t{0} - (inside >> 63);
    return inside;
  }

 private:
  std::uint64_t escaped(std::uint64_t backslashes) {
    auto escaped = std::uint64_t{escape_};
    escape_ = false;
    for (auto left = backslashes & ~escaped; left != 0;) {
      const auto next = (left & (0 - left)) << 1;
      escape_ = next == 0;
      if (escape_) break;
      escaped |= next;
      left &= ~(next | (next - 1));
    }
    return escaped;
  }

  std::uint64_t open_ = 0;  // all ones: the block before ended in a string
  bool escape_ = false;     // and with a backslash
};

}  // namespace millrace
