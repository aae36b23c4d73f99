// SPDX-License-Identifier: Apache-2.0
#include "json_reader.hpp"

#include <simdjson.h>

#include <algorithm>

#include "fast_number.hpp"
#include "millrace/base/bytes.hpp"

namespace millrace {
namespace {

namespace ondemand = simdjson::ondemand;

// Deeper rows are refused, since reading them recurses.
constexpr int max_depth = 64;
constexpr std::size_t name_padding = 16;
static_assert(simdjson::SIMDJSON_PADDING >= name_padding);

std::string_view without_blanks_behind(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

// The text behind an opening quote where it stands for itself: ASCII without escapes. Quotes are known to be
// paired.
bool plain_text(const char* begin, std::string_view& text) {
  const auto* end = begin;
  for (unsigned run = 16; run == 16; end += run) run = plain_text_run(end);
  text = {begin, static_cast<std::size_t>(end - begin)};
  return *end == '"';
}

bool is_not_finite_word(std::string_view token) {
  return token == "NaN" || token == "Infinity" || token == "-Infinity";
}

}  // namespace

// The row is copied in front of zeros: On-Demand may look at the byte behind it.
struct JsonReader::Parser {
  ondemand::parser parser;
  RawVector<char> row;
};

// One walk over one row. The first error ends it.
class JsonReader::Walk {
 public:
  Walk(JsonVisitor& visitor, bool accept_not_finite)
      : visitor_(visitor), accept_not_finite_(accept_not_finite) {}

  bool document(ondemand::document& document) {
    ondemand::object object;
    const auto error = document.get_object().get(object);
    if (error == simdjson::INCORRECT_TYPE) return fail("expected an object");
    if (error != simdjson::SUCCESS) return fail(error);
    if (!fields(object)) return false;
    const char* rest = nullptr;
    return document.current_location().get(rest) != simdjson::SUCCESS ||
           fail("something stands behind the object");
  }
  bool fail(simdjson::error_code error) {
    switch (error) {
      case simdjson::EMPTY:
        return fail("nothing there");
      case simdjson::UTF8_ERROR:
        return fail("not valid UTF-8");
      case simdjson::UNCLOSED_STRING:
        return fail("a text is not closed");
      case simdjson::UNESCAPED_CHARS:
        return fail("a control character stands in a text");
      case simdjson::STRING_ERROR:
        return fail("a text has a wrong escape or a lone surrogate");
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return fail("the row does not end with a closing bracket");
      case simdjson::TAPE_ERROR:
        return fail("a comma, colon, bracket or key is missing or too many");
      default:
        return fail(simdjson::error_message(error));
    }
  }
  std::string take_error() { return std::move(error_); }

 private:
  bool fields(ondemand::object& object) {
    if (++depth_ > max_depth) return fail("nested too deeply");
    const auto path_size = path_.size();
    for (auto result : object) {
      if (result.error() != simdjson::SUCCESS) return fail(result.error());
      auto&& field = std::move(result).value_unsafe();
      std::string_view key;
      if (!plain_text(field.key().raw(), key))
        if (const auto error = field.unescaped_key().get(key); error != simdjson::SUCCESS) return fail(error);
      if (!value(name(key), field.value())) return false;
      path_.resize(path_size);
    }
    --depth_;
    return true;
  }

  // The dotted name; on the outermost level without a copy.
  std::string_view name(std::string_view key) {
    if (depth_ == 1) return key;
    path_ += '.';
    path_.reserve(path_.size() + key.size() + name_padding);
    return path_ += key;
  }

  bool value(std::string_view name, ondemand::value& value) {
    const auto token = value.raw_json_token();
    switch (token.empty() ? '\0' : token.front()) {
      case '"':
        return text(name, token, value);
      case '{':
        return object(name, value);
      case '[':
        return array(name, value);
      default:
        return scalar(name, without_blanks_behind(token));
    }
  }

  bool text(std::string_view name, std::string_view token, ondemand::value& value) {
    std::string_view text;
    if (!plain_text(token.data() + 1, text))
      if (const auto error = value.get_string().get(text); error != simdjson::SUCCESS) return fail(error);
    leaf(name, ValueKind::text).text = text;
    return true;
  }

  bool object(std::string_view name, ondemand::value& value) {
    leaf(name, ValueKind::object);
    if (depth_ == 1) path_ = name;
    ondemand::object object;
    if (const auto error = value.get_object().get(object); error != simdjson::SUCCESS) return fail(error);
    return fields(object);
  }

  // Elements are read only to know that they are JSON.
  bool array(std::string_view name, ondemand::value& value) {
    leaf(name, ValueKind::array);
    ondemand::array array;
    if (const auto error = value.get_array().get(array); error != simdjson::SUCCESS) return fail(error);
    if (++depth_ > max_depth) return fail("nested too deeply");
    ++arrays_;
    for (auto result : array) {
      ondemand::value element;
      if (const auto error = result.get(element); error != simdjson::SUCCESS) return fail(error);
      if (!this->value({}, element)) return false;
    }
    --arrays_;
    --depth_;
    return true;
  }

  bool scalar(std::string_view name, std::string_view token) {
    double number = 0;
    if (!token.empty() && fast_double(token.data(), token.size(), number)) {
      auto& value = leaf(name, ValueKind::number);
      value.number = number;
      value.error = NumberError::none;
      value.text = token;
      return true;
    }
    return word(name, token) || slow_number(name, token);
  }

  bool word(std::string_view name, std::string_view token) {
    const auto kind = token == "null"    ? ValueKind::missing
                      : token == "true"  ? ValueKind::truth
                      : token == "false" ? ValueKind::falsehood
                                         : ValueKind::not_finite;
    if (kind == ValueKind::not_finite && (!accept_not_finite_ || !is_not_finite_word(token))) return false;
    leaf(name, kind);
    return true;
  }

  bool slow_number(std::string_view name, std::string_view token) {
    if (!is_json_number(token)) return fail("a value is neither a text, a number, true, false nor null");
    auto& value = leaf(name, ValueKind::number);
    value.error = parse_double(token, value.number);
    value.text = token;
    return true;
  }

  Value& leaf(std::string_view name, ValueKind kind) {
    auto& value = arrays_ == 0 ? visitor_.leaf(name, kind) : ignored_;
    value.kind = kind;
    return value;
  }

  bool fail(std::string_view error) {
    error_ = error;
    return false;
  }

  JsonVisitor& visitor_;
  bool accept_not_finite_;
  int depth_ = 0;
  int arrays_ = 0;  // open ones
  Value ignored_;
  std::string path_;
  std::string error_;
};

JsonReader::JsonReader(bool accept_not_finite)
    : parser_(std::make_unique<Parser>()), accept_not_finite_(accept_not_finite) {}
JsonReader::~JsonReader() = default;

std::string JsonReader::read(std::string_view row, JsonVisitor& visitor) {
  Walk walk(visitor, accept_not_finite_);
  ondemand::document document;
  auto& copy = parser_->row;
  copy.resize(row.size() + simdjson::SIMDJSON_PADDING);
  std::copy(row.begin(), row.end(), copy.begin());
  std::fill(copy.begin() + static_cast<std::ptrdiff_t>(row.size()), copy.end(), '\0');
  const auto error = parser_->parser.iterate(copy.data(), row.size(), copy.size()).get(document);
  if (error != simdjson::SUCCESS)
    walk.fail(error);
  else
    walk.document(document);
  return walk.take_error();
}

}  // namespace millrace
