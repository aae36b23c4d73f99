// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/row_encoder.hpp"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>

#include "instant.hpp"

namespace millrace {
namespace {

template <class T>
void append_number(T value, std::string& out) {
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), result.ptr);
}

// The nearest decimal with up to six places, if it reads back to the same double: it has at most 12 digits,
// and with fewer than 16 no other decimal of its length or less does, so it is what to_chars finds by a
// longer way. Between 0.001 and 100,000 that is never longer than a form with an exponent.
bool append_short_decimal(double value, std::string& out) {
  constexpr std::array<double, 7> powers{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  const double magnitude = std::fabs(value);
  if (!(magnitude >= 1e-3 && magnitude < 1e5)) return false;
  std::size_t places = 0;
  auto mantissa = static_cast<std::int64_t>(magnitude + 0.5);
  while (static_cast<double>(mantissa) / powers[places] != magnitude) {
    if (++places == powers.size()) return false;
    mantissa = static_cast<std::int64_t>(magnitude * powers[places] + 0.5);
  }
  std::array<char, 16> text;
  auto* const end = text.data() + text.size();
  auto* begin = end;
  for (std::size_t place = 0; mantissa > 0 || place <= places; ++place, mantissa /= 10) {
    if (place == places && places > 0) *--begin = '.';
    *--begin = static_cast<char>('0' + mantissa % 10);
  }
  if (value < 0) out += '-';
  out.append(begin, end);
  return true;
}

void append_double(double value, std::string& out) {
  if (!append_short_decimal(value, out)) append_number(value, out);
}

void append_escape(char c, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    default:
      break;
  }
  out += "u00";
  out += hex[static_cast<unsigned char>(c) >> 4];
  out += hex[c & 15];
}

void append_csv_text(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_text(std::string_view text, RowFormat format, std::string& out) {
  if (format == RowFormat::jsonl)
    append_json_text(text, out);
  else
    append_csv_text(text, out);
}

void append_time(std::int64_t value, const ColumnInfo& info, RowFormat format, std::string& out) {
  const auto size = out.size();
  if (format == RowFormat::jsonl) out += '"';
  if (append_instant(value, ticks_per_second(info.unit), out)) {
    if (format == RowFormat::jsonl) out += '"';
  } else {
    out.resize(size);
    append_number(value, out);
  }
}

void append_value(const Column& column, std::size_t row, RowFormat format, std::string& out) {
  switch (column.info.type) {
    case Type::float64:
      append_double(column.f64[row], out);
      break;
    case Type::int64:
      append_number(column.i64[row], out);
      break;
    case Type::boolean:
      out += column.u8[row] != 0 ? "true" : "false";
      break;
    case Type::text:
      append_text(column.text(row), format, out);
      break;
    case Type::time:
      append_time(column.i64[row], column.info, format, out);
      break;
  }
}

bool is_blank(const Column& column, std::size_t row, RowFormat format) {
  if (column.is_missing(row)) return true;
  return format == RowFormat::jsonl && column.info.type == Type::float64 && std::isinf(column.f64[row]);
}

std::string between(const Frame& frame, std::size_t column, RowFormat format) {
  if (format == RowFormat::csv) return column == 0 ? "" : ",";
  std::string text = column == 0 ? "{" : ",";
  append_json_text(frame.columns[column].info.name, text);
  return text + ":";
}

}  // namespace

void append_header(const Schema& schema, RowFormat format, std::string& out) {
  if (format == RowFormat::jsonl) return;
  for (std::size_t column = 0; column < schema.columns.size(); ++column) {
    if (column > 0) out += ',';
    append_csv_text(schema.columns[column].name, out);
  }
  out += '\n';
}

void append_rows(const Frame& frame, RowFormat format, std::string& out) {
  std::vector<std::string> keys;
  for (std::size_t column = 0; column < frame.columns.size(); ++column)
    keys.push_back(between(frame, column, format));
  const std::string_view blank = format == RowFormat::jsonl ? "null" : "";
  const std::string_view row_end = format == RowFormat::csv ? "\n" : frame.columns.empty() ? "{}\n" : "}\n";
  for (std::size_t row = 0; row < frame.rows(); ++row) {
    for (std::size_t column = 0; column < frame.columns.size(); ++column) {
      out += keys[column];
      if (is_blank(frame.columns[column], row, format))
        out += blank;
      else
        append_value(frame.columns[column], row, format, out);
    }
    out += row_end;
  }
}

void append_json_text(std::string_view text, std::string& out) {
  out += '"';
  append_json_escaped(text, out);
  out += '"';
}

void append_json_escaped(std::string_view text, std::string& out) {
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) continue;
    out.append(text, done, at - done);
    append_escape(text[at], out);
    done = at + 1;
  }
  out.append(text, done);
}

std::string json_text(std::string_view text) {
  std::string out;
  append_json_text(text, out);
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t offset) {
      return at + offset < bytes.size() ? static_cast<unsigned char>(bytes[at + offset]) : 0u;
    };
    const auto bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += digits[bits >> 18];
    out += digits[bits >> 12 & 63];
    out += at + 1 < bytes.size() ? digits[bits >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? digits[bits & 63] : '=';
  }
  return out;
}

bool is_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

}  // namespace millrace
