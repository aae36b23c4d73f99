// SPDX-License-Identifier: Apache-2.0
#include "payload_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>

#include "json_block.hpp"

namespace millrace {
namespace {

constexpr auto not_closed = "the array is not closed";
constexpr auto mismatch = "brackets in the array do not match";
constexpr auto too_deep = "the array is nested too deeply";

bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// From an opening bracket to the one that closes it.
class BracketWalk {
 public:
  BracketWalk(const char* begin, const char* end) : place_(begin), end_(end) {}

  // Behind the closing bracket; nullptr: there is none (`fault`).
  const char* close() {
    for (; place_ < end_; place_ += JsonBlock::bytes) {
      const auto block = json_block(readable());
      for (auto left = block.brackets & ~strings_.inside(block); left != 0; left &= left - 1) {
        const auto* bracket = place_ + std::countr_zero(left);
        if (!pass(*bracket)) return nullptr;
        if (depth_ == 0) return bracket + 1;
      }
      if (end_ - place_ < static_cast<std::ptrdiff_t>(JsonBlock::bytes)) break;
    }
    fault_ = not_closed;
    return nullptr;
  }
  const char* fault() const { return fault_; }

 private:
  const char* readable() {
    const auto left = static_cast<std::size_t>(end_ - place_);
    if (left >= JsonBlock::bytes) return place_;
    last_.fill(' ');
    std::copy(place_, end_, last_.begin());
    return last_.data();
  }

  bool pass(char bracket) {
    const bool opens = (bracket & 2) != 0, is_curly = (bracket & 32) != 0;
    if (opens) {
      if (depth_ == most_open_brackets) return fail(too_deep);
      is_curly_[depth_++] = is_curly;
    } else if (is_curly_[--depth_] != is_curly) {
      return fail(mismatch);
    }
    return true;
  }
  bool fail(const char* fault) {
    fault_ = fault;
    return false;
  }

  const char* place_;
  const char* end_;
  JsonStrings strings_;
  std::size_t depth_ = 0;
  std::bitset<most_open_brackets> is_curly_;  // of each open one
  std::array<char, JsonBlock::bytes> last_;
  const char* fault_ = nullptr;
};

// Behind the quote that closes the string that begins here; nullptr: there is none.
const char* string_end(const char* begin, const char* end) {
  for (const auto* place = begin + 1;;) {
    const auto* quote = std::find(place, end, '"');
    if (quote == end) return nullptr;
    const auto* text_end = quote;
    while (text_end > place && text_end[-1] == '\\') --text_end;
    place = quote + 1;
    if ((quote - text_end) % 2 == 0) return place;
  }
}

class ArrayWalk {
 public:
  ArrayWalk(std::string_view text, std::size_t most, std::vector<std::string_view>& elements)
      : begin_(text.data()), place_(begin_), end_(begin_ + text.size()), most_(most), elements_(elements) {}

  std::string frame() {
    if (*place_ != '[') return found("the payload is not an array");
    ++place_;
    skip_blanks();
    if (place_ < end_ && *place_ == ']')
      ++place_;
    else if (auto fault = elements(); !fault.empty())
      return fault;
    skip_blanks();
    return place_ == end_ ? "" : found("something stands behind the array");
  }

 private:
  // Up to and with the bracket that closes the array.
  std::string elements() {
    for (;;) {
      skip_blanks();
      if (place_ == end_) return not_closed;
      const auto* begin = place_;
      if (auto fault = element(); !fault.empty()) return fault;
      if (elements_.size() == most_) return too_many_rows(most_);
      elements_.emplace_back(begin, static_cast<std::size_t>(place_ - begin));
      skip_blanks();
      if (place_ == end_) return not_closed;
      if (*place_ != ',' && *place_ != ']') return found("a comma is missing in the array");
      if (*place_++ == ']') return "";
    }
  }

  std::string element() {
    switch (*place_) {
      case '{':
      case '[':
        return object_or_array();
      case '"':
        place_ = string_end(place_, end_);
        return place_ == nullptr ? not_closed : "";
      case ',':
      case ']':
        return found("a comma is too many in the array");
      case '}':
        return mismatch;
      default:
        place_ = std::find_if(place_, end_, ends_scalar);
        return "";
    }
  }

  std::string object_or_array() {
    BracketWalk walk(place_, end_);
    place_ = walk.close();
    return place_ == nullptr ? walk.fault() : "";
  }

  static bool ends_scalar(char c) {
    constexpr std::string_view structure = ",[]{}\"";
    return is_blank(c) || structure.find(c) != std::string_view::npos;
  }

  void skip_blanks() {
    while (place_ < end_ && is_blank(*place_)) ++place_;
  }

  std::string found(std::string_view fault) const {
    const auto byte = static_cast<unsigned char>(*place_);
    const auto text = byte > 0x20 && byte < 0x7F ? std::string(1, *place_) : fmt::format("0x{:02x}", byte);
    return fmt::format("{}, found {} at byte {}", fault, text, place_ - begin_);
  }

  const char* begin_;
  const char* place_;
  const char* end_;
  std::size_t most_;
  std::vector<std::string_view>& elements_;
};

}  // namespace

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string frame_array(std::string_view text, std::size_t most, std::vector<std::string_view>& elements) {
  elements.clear();
  text = without_blanks(text);
  return text.empty() ? not_closed : ArrayWalk(text, most, elements).frame();
}

std::string too_many_rows(std::size_t most) {
  return fmt::format("expected at most {} rows in a payload, found more: publish fewer at a time", most);
}

}  // namespace millrace
