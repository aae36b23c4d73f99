// SPDX-License-Identifier: Apache-2.0
#include "config/declared_schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/option_check.hpp"
#include "config/project_table.hpp"
#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr const char* columns_expected =
    R"(expected a list of columns, such as {"name": "outTemp", "unit": "degree_C"})";

bool is_time_unit(const std::string& unit) {
  return unit == "s" || unit == "ms" || unit == "us" || unit == "ns";
}

class SchemaCheck {
 public:
  SchemaCheck(const Document& document, std::vector<Problem>& problems)
      : document_(document), problems_(problems) {}

  void columns(const Json& list, const std::string& path) {
    for (std::size_t index = 0; index < list.size(); ++index) column(list[index], item_path(path, index));
  }
  Schema take() { return std::move(schema_); }

 private:
  void column(const Json& value, const std::string& path) {
    if (!value.is_object()) {
      problems_.push_back({path, fmt::format("expected an object with name and type, found {}",
                                             shown(document_, path, value))});
      return;
    }
    const auto known = problems_.size();
    auto given = check_options(value, path, {document_, problems_, column_table()});
    if (problems_.size() > known) return;
    auto info = info_of(Options(column_table(), std::move(given)));
    contradictions(value, info, path);
    schema_.columns.push_back(std::move(info));
  }

  static ColumnInfo info_of(const Options& options) {
    ColumnInfo info{options.text("name"), type_of(options.text("type")).value_or(Type::float64)};
    info.unit = options.text("unit");
    if (info.type == Type::time && info.unit.empty()) info.unit = "s";
    if (options.text("role") == "key") info.role = Role::key;
    if (options.text("encoding") == "fixed") info.encoding = TextEncoding::fixed;
    if (options.has("width")) info.width = static_cast<std::uint32_t>(options.integer("width"));
    return info;
  }

  void contradictions(const Json& value, const ColumnInfo& info, const std::string& path) {
    if (schema_.find(info.name))
      problems_.push_back({path + ".name", fmt::format("{} is declared twice", Json(info.name).dump())});
    if (info.type == Type::time && !is_time_unit(info.unit))
      problems_.push_back({path + ".unit", fmt::format("expected s, ms, us or ns for a time column, found {}",
                                                       shown(value["unit"]))});
    if (info.type != Type::text && value.contains("encoding"))
      problems_.push_back(
          {path + ".encoding", fmt::format("only a text column has one; this is {}", name_of(info.type))});
    const bool fixed = info.encoding == TextEncoding::fixed;
    if (fixed && info.width == 0)
      problems_.push_back({path + ".width", "fixed encoding needs the width of the longest text in bytes"});
    if (!fixed && info.width > 0)
      problems_.push_back({path + ".width", "only a text column with fixed encoding has one"});
  }

  const Document& document_;
  std::vector<Problem>& problems_;
  Schema schema_;
};

std::string column_to_json(const ColumnInfo& info) {
  auto text = fmt::format(R"({{ "name": {}, "type": "{}")", quoted(info.name), name_of(info.type));
  if (!info.unit.empty()) text += fmt::format(R"(, "unit": {})", quoted(info.unit));
  if (info.role == Role::key) text += R"(, "role": "key")";
  if (info.type == Type::text && info.encoding == TextEncoding::fixed)
    text += fmt::format(R"(, "encoding": "fixed", "width": {})", info.width);
  return text + " }";
}

}  // namespace

std::optional<Schema> check_schema(const Document& document, const Json& value, const std::string& path,
                                   std::vector<Problem>& problems) {
  const auto known = problems.size();
  if (!value.is_object()) {
    problems.push_back({path, fmt::format(R"(expected "infer" or {{"columns": [...]}}, found {})",
                                          shown(document, path, value))});
    return std::nullopt;
  }
  check_options(value, path, {document, problems, {}, {"columns"}});
  const auto place = child_path(path, "columns");
  const auto list = value.find("columns");
  SchemaCheck check(document, problems);
  if (list != value.end() && list->is_array() && !list->empty())
    check.columns(*list, place);
  else
    problems.push_back({place, fmt::format("{}, found {}", columns_expected,
                                           list == value.end() ? "nothing" : shown(document, place, *list))});
  if (problems.size() > known) return std::nullopt;
  return check.take();
}

std::string schema_to_json(const Schema& schema) {
  std::string text = "{ \"columns\": [";
  for (std::size_t column = 0; column < schema.columns.size(); ++column)
    text += (column == 0 ? "\n  " : ",\n  ") + column_to_json(schema.columns[column]);
  return text + "\n] }";
}

Schema parse_schema_json(const std::string& text) {
  std::vector<Problem> problems;
  const Document document{parse_json(text, problems)};
  auto schema = check_schema(document, document.root, "schema", problems);
  if (problems.empty()) return std::move(*schema);
  std::vector<std::string> lines;
  for (const auto& problem : problems) lines.push_back(problem.json_path + ": " + problem.message);
  throw Error(ExitCode::project_refused, joined(lines, "\n"));
}

}  // namespace millrace
