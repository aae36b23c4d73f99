// SPDX-License-Identifier: Apache-2.0
// The general way to read a JSON row, and the authority for what it means: every leaf with its dotted name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "value.hpp"

namespace millrace {

class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  // Where the value goes (its kind is set by the caller). In the order of the row; an object is announced
  // before its leaves are; an array's elements are not visited. 16 bytes from the name's beginning are
  // readable.
  virtual Value& leaf(std::string_view name, ValueKind kind) = 0;
};

class JsonReader {
 public:
  // NaN, Infinity and -Infinity are no JSON: accepted as ValueKind::not_finite only if `accept_not_finite`.
  explicit JsonReader(bool accept_not_finite);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // "" or, in one line, why the row is not one JSON object. Then the leaves visited so far do not count.
  std::string read(std::string_view row, JsonVisitor& visitor);

 private:
  class Walk;
  struct Parser;
  std::unique_ptr<Parser> parser_;
  bool accept_not_finite_;
};

}  // namespace millrace
