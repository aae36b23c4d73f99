// SPDX-License-Identifier: Apache-2.0
#include "sink/table_layout.hpp"

#include <algorithm>
#include <set>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr auto provenance_group = "provenance", fits_group = "fits";

// A link's name may hold anything but a slash and zero bytes, and not be a lone dot.
std::string link_name(const std::string& column) {
  auto name = column;
  std::replace(name.begin(), name.end(), '/', '_');
  std::replace(name.begin(), name.end(), '\0', '_');
  return name.empty() || name == "." ? "column" : name;
}

class NameGiver {
 public:
  explicit NameGiver(std::set<std::string> taken) : taken_(std::move(taken)) {}
  std::string give(const std::string& wish) {
    auto name = wish;
    for (int copy = 2; !taken_.insert(name).second; ++copy) name = wish + "_" + std::to_string(copy);
    return name;
  }

 private:
  std::set<std::string> taken_;
};

TableLayout layout_of(const Schema& schema, std::set<std::string> taken, const std::string& dimension) {
  TableLayout layout{schema, {}, dimension, std::nullopt};
  for (std::size_t column = schema.columns.size(); column-- > 0;)
    if (schema.columns[column].type == Type::time) layout.dimension_column = column;
  if (!layout.dimension_column) taken.insert(dimension);
  NameGiver names(std::move(taken));
  for (const auto& info : schema.columns)
    layout.names.push_back({names.give(link_name(info.name)), "", "", ""});
  for (auto& name : layout.names) {
    name.valid = names.give(name.values + "_valid");
    name.labels = names.give(name.values + "_labels");
    name.bytes = names.give(name.values + "_bytes");
  }
  if (layout.dimension_column) layout.dimension = layout.names[*layout.dimension_column].values;
  return layout;
}

ColumnInfo count_column(const char* name) {
  return {.name = name, .type = Type::int64};
}
ColumnInfo arrival_column(const char* name) {
  return {.name = name, .type = Type::time, .unit = "us"};
}

}  // namespace

Schema stored_schema(const Schema& results, bool source_row) {
  auto schema = results;
  if (!source_row) return schema;
  if (schema.find("source_row"))
    throw Error(ExitCode::project_refused,
                "sink.hdf5.source_row: the result has a column of its own called source_row");
  schema.columns.push_back({.name = "source_row", .type = Type::int64, .role = Role::key});
  return schema;
}

TableLayout results_layout(const Schema& stored) {
  return layout_of(stored, {provenance_group, fits_group}, "row");
}

const TableLayout& provenance_layout() {
  static const TableLayout layout = [] {
    const Schema schema{{count_column("sequence"),
                         count_column("rows_in"),
                         count_column("rows_out"),
                         count_column("rows_rejected"),
                         count_column("first_row"),
                         arrival_column("first_arrival"),
                         arrival_column("last_arrival"),
                         {.name = "service_s", .unit = "s"},
                         count_column("worker"),
                         count_column("requeue")}};
    auto made = layout_of(schema, {"message"}, "message");
    made.dimension = "message";
    made.dimension_column.reset();
    return made;
  }();
  return layout;
}

const TableLayout& fits_layout() {
  static const auto layout = layout_of(
      {{count_column("sequence"), {.name = "name", .type = Type::text}, {.name = "value"}}}, {}, "fit");
  return layout;
}

std::size_t element_bytes(const ColumnInfo& info) {
  switch (info.type) {
    case Type::float64:
    case Type::int64:
    case Type::time:
      return 8;
    case Type::boolean:
      return 1;
    case Type::text:
      return has_labels(info) ? 4 : text_width(info);
  }
  return 8;
}

bool has_validity(const ColumnInfo& info) {
  return info.type != Type::float64 && !(info.type == Type::text && info.encoding == TextEncoding::codes);
}

bool has_labels(const ColumnInfo& info) {
  return info.type == Type::text && info.encoding == TextEncoding::codes;
}

std::uint32_t text_width(const ColumnInfo& info) {
  if (info.type != Type::text || has_labels(info)) return 0;
  return std::max<std::uint32_t>(info.width, 1);
}

std::size_t row_bytes(const Schema& schema) {
  std::size_t bytes = 0;
  for (const auto& info : schema.columns) bytes += element_bytes(info) + (has_validity(info) ? 1 : 0);
  return bytes;
}

}  // namespace millrace
