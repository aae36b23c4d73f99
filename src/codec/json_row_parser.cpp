// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "json_reader.hpp"
#include "json_template.hpp"
#include "row_parser.hpp"

namespace millrace {

void UnknownKeys::clear() {
  count = 0;
  names.clear();
  ++generation;
}

void UnknownKeys::add(std::string_view name) {
  ++count;
  if (names.size() < most_names && std::find(names.begin(), names.end(), name) == names.end())
    names.emplace_back(name);
}

void UnknownKeys::add(const UnknownKeys& later) {
  const auto both = count + later.count;
  for (const auto& name : later.names) add(name);
  count = both;
}

namespace {

// The last value of each column, kept until the whole row is known to be JSON.
class LastValues final : public JsonVisitor {
 public:
  LastValues(const NameIndex& names, std::size_t columns) : names_(names), values_(columns) {}

  void start_row() {
    for (auto& value : values_) value.kind = ValueKind::missing;
    unknown_.clear();
  }
  Value& leaf(std::string_view name, ValueKind kind) override {
    const auto column = names_.find_readable(name);
    if (column >= 0) return values_[static_cast<std::size_t>(column)];
    if (kind != ValueKind::object) unknown_.emplace_back(name);
    return ignored_;
  }
  const Value& operator[](std::size_t column) const { return values_[column]; }
  const std::vector<std::string>& unknown() const { return unknown_; }

 private:
  const NameIndex& names_;
  std::vector<Value> values_;
  Value ignored_;
  std::vector<std::string> unknown_;
};

class JsonRowParser final : public RowParser {
 public:
  JsonRowParser(const Schema& schema, const DecodeOptions& options, JsonPaths paths)
      : names_(schema.names()),
        template_(schema, names_),
        reader_(options.non_finite_is_missing),
        values_(names_, schema.columns.size()),
        paths_(paths) {}

  bool parse(std::string_view bytes, BlockColumns& columns, std::size_t row, std::string& reason) override {
    columns.begin_row();
    if (paths_ == JsonPaths::fast_and_general) {
      if (template_.decode(bytes, columns, row, unknown)) return true;
      columns.undo_labels();
    }
    return parse_in_general(bytes, columns, row, reason);
  }

 private:
  bool parse_in_general(std::string_view bytes, BlockColumns& columns, std::size_t row, std::string& reason) {
    values_.start_row();
    const auto error = reader_.read(bytes, values_);
    if (!error.empty()) {
      reason = "decode: not valid JSON: " + error;
      return false;
    }
    for (std::size_t column = 0; column < columns.size(); ++column) {
      if (columns.set(column, row, values_[column], reason)) continue;
      columns.undo_labels();
      return false;
    }
    for (const auto& name : values_.unknown()) unknown.add(name);
    return true;
  }

  NameIndex names_;
  JsonTemplate template_;
  JsonReader reader_;
  LastValues values_;
  JsonPaths paths_;
};

}  // namespace

std::unique_ptr<RowParser> make_json_row_parser(const Schema& schema, const DecodeOptions& options,
                                                JsonPaths paths) {
  return std::make_unique<JsonRowParser>(schema, options, paths);
}

}  // namespace millrace
