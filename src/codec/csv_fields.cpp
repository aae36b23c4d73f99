// SPDX-License-Identifier: Apache-2.0
#include "csv_fields.hpp"

#include <algorithm>

#include "millrace/codec/row_decoder.hpp"
#include "row_parser.hpp"

namespace millrace {

bool CsvFields::next_quoted() {
  scratch_.clear();
  for (++place_;;) {
    const auto* quote = std::find(place_, end_, '"');
    if (quote == end_) return fail("a quote is not closed");
    scratch_.append(place_, quote);
    place_ = quote + 1;
    if (place_ == end_ || *place_ != '"') break;
    scratch_ += *place_++;
  }
  scratch_.reserve(scratch_.size() + row_padding);
  field_ = scratch_;
  return behind_field();
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::vector<std::string>> split_csv_row(std::string_view row, char delimiter) {
  std::string padded(row);
  std::string scratch;
  padded.append(row_padding, '\0');
  CsvFields fields(std::string_view(padded).substr(0, row.size()), delimiter, scratch);
  std::vector<std::string> all;
  while (fields.next()) all.emplace_back(fields.field());
  if (fields.error() != nullptr) return std::nullopt;
  return all;
}

std::string delimiter_hint(std::string_view row, char delimiter) {
  const auto divides = [&](char one) {
    const auto fields = split_csv_row(row, one);
    return fields && fields->size() > 1;
  };
  if (divides(delimiter)) return "";
  for (const char other : {',', ';', '\t', '|'})
    if (divides(other))
      return std::string("; it looks divided by ") + (other == '\t' ? "tabs" : std::string{'"', other, '"'});
  return "";
}

}  // namespace millrace
