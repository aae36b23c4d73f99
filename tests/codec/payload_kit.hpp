// SPDX-License-Identifier: Apache-2.0
// For the tests of payloads: compression by zlib itself, and the array framer's meaning, byte by byte.
#pragma once

#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"

namespace millrace {

// 31: gzip, 15: zlib (zlib's own numbers).
inline std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string gzip_of(std::string_view text) {
  return deflated(text, 31);
}
inline std::string zlib_of(std::string_view text) {
  return deflated(text, 15);
}

// The elements of a JSON array by the plainest way there is; empty where the array is refused.
class PlainArray {
 public:
  explicit PlainArray(std::string_view text) : text_(text) {}

  std::optional<std::vector<std::string>> elements() {
    blanks();
    if (!next('[')) return {};
    blanks();
    for (bool first = true; !next(']'); first = false) {
      if (!first && !next(',')) return {};
      blanks();
      const auto begin = at_;
      if (!element()) return {};
      elements_.emplace_back(text_.substr(begin, at_ - begin));
      blanks();
    }
    blanks();
    return at_ == text_.size() ? std::optional(elements_) : std::nullopt;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  static bool one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
  void blanks() {
    while (at_ < text_.size() && one_of(text_[at_], " \t\r\n")) ++at_;
  }
  bool next(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool element() {
    if (at_ == text_.size() || one_of(here(), ",]}")) return false;
    if (one_of(here(), "{[")) return nested();
    if (here() == '"') return string();
    while (at_ < text_.size() && !one_of(text_[at_], " \t\r\n,[]{}\"")) ++at_;
    return true;
  }

  bool string() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') return next('"');
      if (text_[at_] == '\\') ++at_;
    }
    return false;
  }

  bool nested() {
    std::string open;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return false;
        continue;
      }
      ++at_;
      if (c == '\\' && one_of(here(), "\"\\")) ++at_;
      if (one_of(c, "{[")) open += c;
      if (open.size() > 1024) return false;
      if (!one_of(c, "]}")) continue;
      if ((c == '}') != (open.back() == '{')) return false;
      open.pop_back();
      if (open.empty()) return true;
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> elements_;
};

}  // namespace millrace
