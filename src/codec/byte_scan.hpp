// SPDX-License-Identifier: Apache-2.0
// Looking at 16 or 32 bytes at once, by SSE2 where there is, else 8 bytes by 8 in plain integers. All bytes
// of a function must be readable. MILLRACE_PORTABLE_SCAN forces the plain form, for tests.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) && !defined(MILLRACE_PORTABLE_SCAN)
#include <emmintrin.h>
#define MILLRACE_SSE2_SCAN 1
#endif

namespace millrace {

inline std::uint64_t load8(const char* place) {
  std::uint64_t word;
  std::memcpy(&word, place, sizeof word);
  return word;
}

constexpr std::uint64_t every_byte(unsigned char byte) {
  return 0x0101010101010101u * byte;
}

#ifdef MILLRACE_SSE2_SCAN

inline __m128i load16(const char* place) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(place));
}
inline unsigned bits(__m128i bytes) {
  return static_cast<unsigned>(_mm_movemask_epi8(bytes));
}

// How many of the 16 bytes come before the first one outside '-' ... 'e' (numbers lie inside; , } blank +
// outside).
inline unsigned number_run(const char* place) {
  const auto bytes = load16(place);
  const auto above = _mm_subs_epu8(bytes, _mm_set1_epi8('e'));
  const auto below = _mm_subs_epu8(_mm_set1_epi8('-'), bytes);
  const auto inside = bits(_mm_cmpeq_epi8(_mm_or_si128(above, below), _mm_setzero_si128()));
  return static_cast<unsigned>(std::countr_zero(~inside));
}

// How many of the 16 bytes come before the first quote, backslash, control character or byte beyond ASCII.
inline unsigned plain_text_run(const char* place) {
  const auto bytes = load16(place);
  const auto special =
      _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
  const auto stop = bits(_mm_or_si128(special, _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20))));
  return static_cast<unsigned>(std::countr_zero(stop | 0x10000u));
}

// How many of the 16 bytes come before the first delimiter or quote.
inline unsigned field_run(const char* place, char delimiter) {
  const auto bytes = load16(place);
  const auto stop = bits(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(delimiter)),
                                      _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))));
  return static_cast<unsigned>(std::countr_zero(stop | 0x10000u));
}

// Do the first 16 or 32 bytes agree where `mask` has bits?
inline bool agree16(const char* a, const char* b, std::uint32_t mask) {
  return (~bits(_mm_cmpeq_epi8(load16(a), load16(b))) & mask) == 0;
}
inline bool agree32(const char* a, const char* b, std::uint32_t mask) {
  return agree16(a, b, mask & 0xFFFF) && agree16(a + 16, b + 16, mask >> 16);
}

#else

// The high bit of each byte that is zero. Exact: no byte's carry reaches the next one.
inline std::uint64_t zero_bytes(std::uint64_t word) {
  return ~(((word & every_byte(0x7F)) + every_byte(0x7F)) | word) & every_byte(0x80);
}
// The high bit of each byte that is at least `least`, for least <= 0x80.
inline std::uint64_t bytes_from(std::uint64_t word, unsigned char least) {
  return (((word & every_byte(0x7F)) + every_byte(static_cast<unsigned char>(0x80 - least))) | word) &
         every_byte(0x80);
}

template <class Stop>
unsigned run_of_16(const char* place, Stop stop) {
  if (const auto low = stop(load8(place)); low != 0) return static_cast<unsigned>(std::countr_zero(low)) / 8;
  if (const auto high = stop(load8(place + 8)); high != 0)
    return 8 + static_cast<unsigned>(std::countr_zero(high)) / 8;
  return 16;
}

inline unsigned number_run(const char* place) {
  return run_of_16(place, [](std::uint64_t word) {
    return (~bytes_from(word, '-') & every_byte(0x80)) | bytes_from(word, 'e' + 1);
  });
}

inline unsigned plain_text_run(const char* place) {
  return run_of_16(place, [](std::uint64_t word) {
    return zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\')) |
           (word & every_byte(0x80)) | (~bytes_from(word, 0x20) & every_byte(0x80));
  });
}

inline unsigned field_run(const char* place, char delimiter) {
  return run_of_16(place, [delimiter](std::uint64_t word) {
    return zero_bytes(word ^ every_byte(static_cast<unsigned char>(delimiter))) |
           zero_bytes(word ^ every_byte('"'));
  });
}

inline bool agree32(const char* a, const char* b, std::uint32_t mask) {
  return std::memcmp(a, b, static_cast<std::size_t>(std::countr_one(mask))) == 0;
}
inline bool agree16(const char* a, const char* b, std::uint32_t mask) {
  return agree32(a, b, mask);
}

#endif

}  // namespace millrace
