// SPDX-License-Identifier: Apache-2.0
// The fields of one CSV row, one after the other (RFC 4180).
#pragma once

#include <string>
#include <string_view>

#include "byte_scan.hpp"

namespace millrace {

// The row must have row_padding readable bytes behind it.
class CsvFields {
 public:
  CsvFields(std::string_view row, char delimiter, std::string& scratch)
      : place_(row.data()), end_(row.data() + row.size()), delimiter_(delimiter), scratch_(scratch) {}

  // False: there is no further field, or the row is wrong (`error`).
  bool next() {
    if (done_) return false;
    quoted_ = place_ < end_ && *place_ == '"';
    if (quoted_) return next_quoted();
    const auto* begin = place_;
    for (unsigned run = 16; run == 16 && place_ < end_; place_ += run) run = field_run(place_, delimiter_);
    if (place_ > end_) place_ = end_;
    field_ = {begin, static_cast<std::size_t>(place_ - begin)};
    if (place_ < end_ && *place_ == '"') return fail("a quote stands inside a field without quotes");
    return behind_field();
  }
  std::string_view field() const {
    return field_;
  }  // without quotes; valid until the next one, 16 bytes readable
  bool quoted() const { return quoted_; }
  const char* error() const { return error_; }  // nullptr: none

 private:
  bool next_quoted();
  bool behind_field() {
    done_ = place_ == end_;
    if (!done_ && *place_ != delimiter_) return fail("something stands behind a closing quote");
    ++place_;
    return true;
  }
  bool fail(const char* error) {
    done_ = true;
    error_ = error;
    return false;
  }

  const char* place_;
  const char* end_;
  char delimiter_;
  bool quoted_ = false, done_ = false;
  std::string_view field_;
  std::string& scratch_;
  const char* error_ = nullptr;
};

// A field's text without the blanks around it.
std::string_view trimmed(std::string_view text);

}  // namespace millrace
