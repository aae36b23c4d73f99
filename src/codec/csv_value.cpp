// SPDX-License-Identifier: Apache-2.0
#include "csv_value.hpp"

#include <algorithm>
#include <array>

#include "csv_fields.hpp"

namespace millrace {
namespace {

bool is_word(std::string_view text, std::string_view lower_case) {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

bool is_not_finite(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return is_word(text, "nan") || is_word(text, "inf") || is_word(text, "infinity");
}

Value number_or_text(std::string_view field, std::string_view text) {
  Value value{ValueKind::text, NumberError::none, 0, field};
  if (is_csv_number(text)) {
    value.kind = ValueKind::number;
    value.text = text;
    value.error = parse_double(text, value.number);
  } else if (is_not_finite(text)) {
    value.kind = ValueKind::not_finite;
  }
  return value;
}

}  // namespace

bool is_missing(std::string_view field, const std::vector<std::string>& missing) {
  return field.empty() ||
         (!missing.empty() && std::find(missing.begin(), missing.end(), trimmed(field)) != missing.end());
}

Value csv_value(std::string_view field, Type type) {
  const auto text = trimmed(field);
  switch (type) {
    case Type::text:
      break;
    case Type::boolean:
      if (text == "1" || is_word(text, "true")) return {ValueKind::truth};
      if (text == "0" || is_word(text, "false")) return {ValueKind::falsehood};
      break;
    case Type::float64:
    case Type::int64:
      return number_or_text(field, text);
    case Type::time: {
      auto value = number_or_text(field, text);
      if (value.kind == ValueKind::text) value.text = text;
      return value;
    }
  }
  return {ValueKind::text, NumberError::none, 0, field};
}

}  // namespace millrace
