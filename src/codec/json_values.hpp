// SPDX-License-Identifier: Apache-2.0
// Values of JSON rows read in place. Each function returns the place behind the value, or nullptr where the
// general way has to look at it. `place` is before `end`, the row's end; row_padding bytes behind `end` are
// readable.
#pragma once

#include <algorithm>
#include <string_view>

#include "fast_number.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "number.hpp"

namespace millrace {

inline bool is_null(const char* place) {
  return std::memcmp(place, "null", 4) == 0;
}

inline std::string_view number_token(const char* place, const char* end) {
  if (place >= end) return {};
  const auto* token_end = place;
  for (unsigned run = 16; run == 16 && token_end < end; token_end += run) run = number_run(token_end);
  while (token_end < end && *token_end == '+') {
    ++token_end;
    for (unsigned run = 16; run == 16 && token_end < end; token_end += run) run = number_run(token_end);
  }
  return {place, static_cast<std::size_t>(std::min(token_end, end) - place)};
}

inline const char* read_any_double(const char* place, const char* end, double& value) {
  const auto token = number_token(place, end);
  if (!is_json_number(token) || parse_double(token, value) != NumberError::none) return nullptr;
  return token.data() + token.size();
}

inline const char* read_double(const char* place, const char* end, double& value) {
  const auto size = number_run(place);
  if (size < 16 && fast_double(place, size, value)) [[likely]]
    return place + size;
  return read_any_double(place, end, value);
}

inline const char* read_whole(const char* place, const char* end, std::int64_t& value) {
  const auto size = number_run(place);
  if (size < 16 && fast_whole(place, size, value)) [[likely]]
    return place + size;
  const auto token = number_token(place, end);
  if (!is_json_number(token) || parse_whole(token, value) != NumberError::none) return nullptr;
  return token.data() + token.size();
}

inline const char* read_boolean(const char* place, bool& value) {
  value = std::memcmp(place, "true", 4) == 0;
  if (value) return place + 4;
  return std::memcmp(place, "false", 5) == 0 ? place + 5 : nullptr;
}

// From the first byte that is not plain: on to the closing quote, if only bytes beyond ASCII are in the way.
inline const char* find_closing_quote(const char* place, const char* end, bool& is_ascii) {
  while (place < end) {
    place += plain_text_run(place);
    if (place >= end || *place == '"') break;
    if (static_cast<unsigned char>(*place) >= 0x80) {
      is_ascii = false;
      ++place;
    } else if (static_cast<unsigned char>(*place) < 0x20 || *place == '\\') {
      return nullptr;
    }
  }
  return place < end ? place : nullptr;
}

inline const char* read_plain_text(const char* place, const char* end, std::string_view& text) {
  if (*place != '"') return nullptr;
  const auto* begin = place + 1;
  const auto run = plain_text_run(begin);
  if (run < 16 && begin[run] == '"') [[likely]] {
    text = {begin, run};
    return begin + run + 1;
  }
  bool is_ascii = true;
  const auto* quote = find_closing_quote(begin + run, end, is_ascii);
  if (quote == nullptr) return nullptr;
  text = {begin, static_cast<std::size_t>(quote - begin)};
  return is_ascii || is_utf8(text) ? quote + 1 : nullptr;
}

// A number, a text, true or false, only to get behind it.
inline const char* read_any(const char* place, const char* end) {
  double number = 0;
  bool truth = false;
  std::string_view text;
  if (*place == '"') return read_plain_text(place, end, text);
  const auto* behind = read_boolean(place, truth);
  return behind != nullptr ? behind : read_double(place, end, number);
}

}  // namespace millrace
