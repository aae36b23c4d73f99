// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/schema_inference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "csv_fields.hpp"
#include "csv_value.hpp"
#include "instant.hpp"
#include "json_reader.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "row_parser.hpp"

namespace millrace {
namespace {

// "1,5", as half of Europe writes it.
bool has_decimal_comma(std::string_view text) {
  constexpr std::size_t longest_number = 32;
  const auto comma = text.find(',');
  if (comma == std::string_view::npos || text.size() > longest_number) return false;
  std::string number(trimmed(text));
  std::replace(number.begin(), number.end(), ',', '.');
  return is_csv_number(number);
}

// What was seen of one column.
struct Evidence {
  std::string name;
  std::size_t numbers = 0, booleans = 0, texts = 0, arrays = 0;
  std::size_t beyond_exact = 0;  // whole numbers that float64 cannot tell from their neighbours
  std::size_t instants = 0;
  std::size_t decimal_commas = 0;
  int fraction_digits = 0;  // the finest of the instants
  std::size_t longest = 0;  // bytes of a text
  std::unordered_set<std::string> distinct = {};
  bool is_csv = false;

  void add(const Value& value) {
    switch (value.kind) {
      case ValueKind::number:
        add_number(value);
        break;
      case ValueKind::not_finite:
        ++numbers;
        break;
      case ValueKind::truth:
      case ValueKind::falsehood:
        ++booleans;
        break;
      case ValueKind::text:
        add_text(value.text);
        break;
      case ValueKind::array:
        ++arrays;
        break;
      case ValueKind::object:
      case ValueKind::missing:
        break;
    }
  }
  std::size_t values() const { return numbers + booleans + texts; }

 private:
  void add_number(const Value& value) {
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    ++numbers;
    std::int64_t whole = 0;
    if (value.text.find_first_of(".eE") != std::string_view::npos) return;
    const auto error = parse_whole(value.text, whole);
    if (error == NumberError::out_of_range || whole > exact || whole < -exact) ++beyond_exact;
  }
  void add_text(std::string_view text) {
    ++texts;
    longest = std::max(longest, text.size());
    distinct.emplace(text);
    decimal_commas += has_decimal_comma(text) ? 1 : 0;
    const auto digits = millrace::fraction_digits(text);
    if (digits < 0) return;
    ++instants;
    fraction_digits = std::max(fraction_digits, digits);
  }
};

ColumnInfo text_column(const Evidence& seen) {
  constexpr std::size_t enough = 64;
  constexpr std::size_t least_width = 16;
  ColumnInfo info{seen.name, Type::text};
  if (seen.texts < enough || seen.distinct.size() * 2 <= seen.texts) return info;
  info.encoding = TextEncoding::fixed;
  info.width = static_cast<std::uint32_t>(std::max(least_width, seen.longest * 2));
  return info;
}

ColumnInfo time_column(const Evidence& seen) {
  const auto digits = seen.fraction_digits;
  return {seen.name, Type::time, digits == 0 ? "s" : digits <= 3 ? "ms" : digits <= 6 ? "us" : "ns"};
}

// "NA" among numbers.
std::string missing_values_hint(const Evidence& seen) {
  constexpr std::size_t most_named = 3;
  if (!seen.is_csv || seen.distinct.empty() || seen.distinct.size() > most_named) return "";
  std::string list;
  for (const auto& text : std::set<std::string>(seen.distinct.begin(), seen.distinct.end()))
    list += (list.empty() ? "\"" : ", \"") + text + '"';
  return fmt::format("; if such a text stands for a missing value, give the source \"missing_values\": [{}]",
                     list);
}

void warn_of_mixture(const Evidence& seen, const char* chosen, std::vector<std::string>& warnings) {
  warnings.push_back(
      fmt::format("column {}: {} numbers, {} texts and {} of true or false were seen; taken as {}, so rows "
                  "with the others will be "
                  "refused: declare its type if that is wrong{}",
                  seen.name, seen.numbers, seen.texts, seen.booleans, chosen, missing_values_hint(seen)));
}

ColumnInfo majority(const Evidence& seen, std::vector<std::string>& warnings) {
  ColumnInfo info{seen.name, Type::float64};
  if (seen.texts > seen.numbers && seen.texts >= seen.booleans)
    info = seen.instants == seen.texts ? time_column(seen) : text_column(seen);
  else if (seen.booleans > seen.numbers)
    info.type = Type::boolean;
  if (std::max({seen.numbers, seen.booleans, seen.texts}) < seen.values())
    warn_of_mixture(seen, name_of(info.type), warnings);
  return info;
}

void infer_column(const Evidence& seen, InferredSchema& result) {
  if (seen.arrays > 0) {
    result.warnings.push_back(
        fmt::format("column {}: holds arrays, which no column can; {}", seen.name,
                    seen.values() > 0 ? "rows with them will be refused" : "it is left out"));
    if (seen.values() == 0) return;
  }
  if (seen.values() == 0) {
    result.warnings.push_back(fmt::format(
        "column {}: no value in the sample; taken as float64: declare its type if that is wrong", seen.name));
  }
  if (seen.texts > 0 && seen.decimal_commas == seen.texts)
    result.warnings.push_back(fmt::format(
        "column {}: its texts look like numbers with a decimal comma; numbers are read with a point only",
        seen.name));
  const auto info = majority(seen, result.warnings);
  if (info.type == Type::float64 && seen.beyond_exact > 0)
    result.warnings.push_back(
        fmt::format("column {}: whole numbers beyond 2^53 were seen, which float64 rounds: declare it as "
                    "int64 to keep them exact",
                    seen.name));
  result.schema.columns.push_back(info);
}

class Sample final : public JsonVisitor {
 public:
  Value& leaf(std::string_view name, ValueKind kind) override {
    return kind == ValueKind::object ? ignored_ : row_.emplace_back(name, Value{}).second;
  }
  void start_row() { row_.clear(); }
  void keep_row() {
    for (const auto& [name, value] : row_) evidence_of(name).add(value);
  }
  Evidence& evidence_of(const std::string& name) {
    const auto [place, added] = places_.try_emplace(name, evidence_.size());
    if (added) evidence_.push_back({name});
    return evidence_[place->second];
  }
  InferredSchema result() const {
    InferredSchema result;
    for (const auto& seen : evidence_) infer_column(seen, result);
    return result;
  }

 private:
  std::vector<std::pair<std::string, Value>> row_;
  Value ignored_;
  std::vector<Evidence> evidence_;
  std::unordered_map<std::string, std::size_t> places_;
};

void add_json_rows(const std::vector<std::string_view>& rows, const DecodeOptions& options, Sample& sample) {
  JsonReader reader(options.non_finite_is_missing);
  for (const auto& row : rows) {
    sample.start_row();
    if (row.size() <= options.max_row_bytes && reader.read(row, sample).empty()) sample.keep_row();
  }
}

// 0 and 1 are numbers, so booleans are told by their words. Quotes do not make a number a text.
Value guess(std::string_view field) {
  const auto number = csv_value(field, Type::float64);
  return number.kind == ValueKind::text ? csv_value(field, Type::boolean) : number;
}

void add_csv_rows(const std::vector<std::string_view>& rows, const DecodeOptions& options, Sample& sample) {
  for (const auto& row : rows) {
    const auto fields = split_csv_row(row, options.csv_delimiter);
    if (!fields || fields->size() != options.csv_columns.size() || !is_utf8(row)) continue;
    for (std::size_t place = 0; place < fields->size(); ++place) {
      const auto& field = (*fields)[place];
      auto& seen = sample.evidence_of(options.csv_columns[place]);
      seen.is_csv = true;
      if (!is_missing(field, options.csv_missing)) seen.add(guess(field));
    }
  }
}

}  // namespace

InferredSchema infer_schema(const std::vector<std::string_view>& rows, const DecodeOptions& options) {
  Sample sample;
  if (options.format == RowFormat::csv)
    add_csv_rows(rows, options, sample);
  else
    add_json_rows(rows, options, sample);
  return sample.result();
}

}  // namespace millrace
