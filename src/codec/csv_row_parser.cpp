// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "csv_fields.hpp"
#include "csv_value.hpp"
#include "fast_number.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "row_parser.hpp"

namespace millrace {
namespace {

class CsvRowParser final : public RowParser {
 public:
  CsvRowParser(const Schema& schema, const DecodeOptions& options)
      : schema_(schema),
        names_(options.csv_columns),
        missing_(options.csv_missing),
        delimiter_(options.csv_delimiter) {
    const NameIndex index(schema.names());
    for (const auto& name : names_) columns_.push_back(index.find(name));
    // Of a name that stands twice the last field counts.
    for (std::size_t field = 0; field < names_.size(); ++field)
      if (std::find(names_.begin() + static_cast<std::ptrdiff_t>(field) + 1, names_.end(), names_[field]) !=
          names_.end())
        columns_[field] = repeated;
    for (std::uint32_t column = 0; column < schema.columns.size(); ++column)
      if (std::find(columns_.begin(), columns_.end(), static_cast<int>(column)) == columns_.end())
        absent_.push_back(column);
  }

  bool parse(std::string_view bytes, BlockColumns& columns, std::size_t row, std::string& reason) override {
    columns.begin_row();
    unknown_fields_.clear();
    if (parse_fields(bytes, {columns, row, reason})) {
      for (const auto column : absent_) columns.set_missing(column, row);
      for (const auto field : unknown_fields_) unknown.add(names_[field]);
      return true;
    }
    columns.undo_labels();
    return false;
  }

 private:
  static constexpr int unknown_name = -1, repeated = -2;

  struct Target {
    BlockColumns& columns;
    std::size_t row;
    std::string& reason;
  };

  // A wrong number of fields, or of quotes, is told before a wrong value: it may be its cause.
  bool parse_fields(std::string_view bytes, const Target& target) {
    if (!is_utf8(bytes)) return refuse("decode: not valid UTF-8", target.reason);
    CsvFields fields(bytes, delimiter_, scratch_);
    std::size_t count = 0;
    bool good = true;
    for (; fields.next(); ++count)
      if (good && count < columns_.size()) good = set(fields, count, target);
    if (fields.error() != nullptr)
      return refuse(fmt::format("decode: not valid CSV: {}", fields.error()), target.reason);
    if (count != columns_.size())
      return refuse(fmt::format("decode: expected {} fields, found {}", columns_.size(), count),
                    target.reason);
    return good;
  }

  bool set(const CsvFields& fields, std::size_t field, const Target& target) {
    const auto text = fields.field();
    const bool has_value = fields.quoted() || !is_missing(text, missing_);
    if (columns_[field] < 0) {
      if (columns_[field] == unknown_name && has_value) unknown_fields_.push_back(field);
      return true;
    }
    const auto column = static_cast<std::size_t>(columns_[field]);
    if (!has_value) {
      target.columns.set_missing(column, target.row);
      return true;
    }
    if (!fields.quoted() && set_plainly(column, text, target)) return true;
    const auto value = csv_value(text, schema_.columns[column].type);
    return target.columns.set(column, target.row, value, target.reason);
  }

  // The common forms; false where the value has to be looked at more closely.
  static bool set_plainly(std::size_t column, std::string_view text, const Target& target) {
    const auto& store = target.columns[column];
    std::int64_t whole = 0;
    switch (store.store) {
      case Store::float64:
        return fast_double(text.data(), text.size(), store.f64[target.row]);
      case Store::codes:
        target.columns.set_code(column, target.row, text);
        return true;
      case Store::int64:
      case Store::time:
        if (!fast_whole(text.data(), text.size(), whole)) return false;
        target.columns.set_whole(column, target.row, whole);
        return true;
      case Store::boolean:
      case Store::fixed:
        break;
    }
    return false;
  }

  static bool refuse(std::string why, std::string& reason) {
    reason = std::move(why);
    return false;
  }

  Schema schema_;
  std::vector<std::string> names_;
  std::vector<int> columns_;           // of each field, or one of the two above
  std::vector<std::uint32_t> absent_;  // columns without a field
  std::vector<std::string> missing_;
  char delimiter_;
  std::vector<std::size_t> unknown_fields_;  // of this row
  std::string scratch_;
};

}  // namespace

std::unique_ptr<RowParser> make_csv_row_parser(const Schema& schema, const DecodeOptions& options) {
  return std::make_unique<CsvRowParser>(schema, options);
}

}  // namespace millrace
