// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "config/project_table.hpp"
#include "config/project_text.hpp"

namespace millrace {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* variable_pattern = R"(\$\{[A-Za-z_][A-Za-z0-9_]*\})";

OrderedJson reference(const std::string& name) {
  return {{"$ref", "#/definitions/" + name}};
}

OrderedJson any_of(std::vector<OrderedJson> all) {
  return {{"anyOf", std::move(all)}};
}

// Where a value may stand: only the options of sources and sinks take {"file": path}.
enum class Outside { variables, variables_and_files };

OrderedJson text_schema(const OptionSpec& spec, Outside outside) {
  if (spec.secret) return any_of({reference("variable"), reference("file")});
  std::vector<OrderedJson> all;
  if (spec.name == "speed") {
    all.push_back({{"type", "string"}, {"pattern", speed_pattern}});
  } else if (!spec.choices.empty()) {
    all.push_back({{"enum", spec.choices}});
  } else {
    OrderedJson any{{"type", "string"}};
    if (spec.required || spec.kind == OptionKind::texts) any["minLength"] = 1;
    all.push_back(std::move(any));
  }
  if (spec.name == "speed" || !spec.choices.empty()) all.push_back(reference("variable"));
  if (outside == Outside::variables_and_files) all.push_back(reference("file"));
  return all.size() == 1 ? all.front() : any_of(all);
}

OrderedJson number_schema(const OptionSpec& spec) {
  OrderedJson schema{{"type", spec.kind == OptionKind::integer ? "integer" : "number"}};
  if (std::isfinite(spec.least)) schema["minimum"] = spec.least;
  if (std::isfinite(spec.most)) schema["maximum"] = spec.most;
  return schema;
}

OrderedJson list_schema(OrderedJson item) {
  OrderedJson list{{"type", "array"}, {"items", item}, {"minItems", 1}};
  return any_of({std::move(item), std::move(list)});
}

OrderedJson value_schema(const OptionSpec& spec, Outside outside) {
  switch (spec.kind) {
    case OptionKind::boolean:
      return {{"type", "boolean"}};
    case OptionKind::integer:
    case OptionKind::number:
      return number_schema(spec);
    case OptionKind::text:
      return text_schema(spec, outside);
    case OptionKind::texts:
      return list_schema(text_schema(spec, outside));
    case OptionKind::numbers:
      return list_schema(number_schema(spec));
  }
  return {};
}

OrderedJson option_schema(const OptionSpec& spec, Outside outside) {
  OrderedJson schema{
      {"description", spec.unit.empty() ? spec.help : fmt::format("{} ({})", spec.help, spec.unit)}};
  schema.update(value_schema(spec, outside));
  if (!std::holds_alternative<std::monostate>(spec.default_value))
    schema["default"] = option_to_json(spec.default_value);
  return schema;
}

// An object with these options, and no others but those in `properties`.
OrderedJson object_schema(const std::vector<OptionSpec>& specs, Outside outside,
                          OrderedJson properties = OrderedJson::object()) {
  auto required = OrderedJson::array();
  for (const auto& spec : specs) {
    properties[spec.name] = option_schema(spec, outside);
    if (spec.required) required.push_back(spec.name);
  }
  OrderedJson schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

OrderedJson with_description(const PartInfo& part, OrderedJson schema) {
  OrderedJson all{{"description", part.help}};
  all.update(schema);
  return all;
}

// {"jsonl": {...}}
OrderedJson part_schema(const std::vector<PartInfo>& catalog, const std::string& help) {
  auto properties = OrderedJson::object();
  for (const auto& part : catalog)
    properties[part.name] = with_description(part, object_schema(part.options, Outside::variables_and_files));
  return {{"description", help},           {"type", "object"},   {"properties", properties},
          {"additionalProperties", false}, {"minProperties", 1}, {"maxProperties", 1}};
}

OrderedJson chain_schema(const std::vector<PartInfo>& tasks) {
  auto names = OrderedJson::array();
  for (const auto& task : tasks) names.push_back(task.name);
  std::vector<OrderedJson> steps{{{"enum", names}}, reference("variable")};
  for (const auto& task : tasks) {
    auto step = object_schema(task.options, Outside::variables,
                              {{"task", {{"enum", OrderedJson::array({task.name})}}}});
    step["required"].push_back("task");
    steps.push_back(with_description(task, step));
  }
  return {{"description", "the preprocessing tasks in order, each by name or as an object with options"},
          {"type", "array"},
          {"items", any_of(std::move(steps))},
          {"default", OrderedJson::array()}};
}

// if `key` is `value`, then `then` holds too
OrderedJson implication(const std::string& key, const std::string& value, OrderedJson then) {
  OrderedJson condition{{"required", OrderedJson::array({key})},
                        {"properties", {{key, {{"enum", OrderedJson::array({value})}}}}}};
  return {{"if", condition}, {"then", std::move(then)}};
}

OrderedJson schema_schema() {
  auto column = object_schema(column_table(), Outside::variables);
  column["allOf"] = OrderedJson::array(
      {implication("encoding", "fixed", {{"required", OrderedJson::array({"width"})}}),
       implication("type", "time",
                   {{"properties", {{"unit", {{"enum", OrderedJson::array({"s", "ms", "us", "ns"})}}}}}})});
  OrderedJson declared{{"type", "object"},
                       {"properties", {{"columns", {{"type", "array"}, {"items", column}, {"minItems", 1}}}}},
                       {"required", OrderedJson::array({"columns"})},
                       {"additionalProperties", false}};
  auto schema = any_of({{{"enum", OrderedJson::array({"infer"})}}, reference("variable"), declared});
  schema["description"] = "the columns of the rows: declared, or inferred from the first of them";
  schema["default"] = "infer";
  return schema;
}

OrderedJson definitions() {
  return {{"variable",
           {{"description", "an environment variable: ${NAME}"},
            {"type", "string"},
            {"pattern", variable_pattern}}},
          {"file",
           {{"description", "the text of a file, without its last line end: for secrets"},
            {"type", "object"},
            {"properties", {{"file", {{"type", "string"}}}}},
            {"required", OrderedJson::array({"file"})},
            {"additionalProperties", false}}}};
}

void refine(OrderedJson& properties) {
  auto& rejects = properties["max_rejects"];
  rejects["anyOf"] = OrderedJson::array({{{"exclusiveMaximum", 1}}, {{"type", "integer"}}});
}

}  // namespace

std::string project_json_schema(const Catalogs& catalogs) {
  auto schema = object_schema(project_table(), Outside::variables,
                              {{"source", part_schema(catalogs.sources, "where the rows come from")},
                               {"schema", schema_schema()},
                               {"chain", chain_schema(catalogs.tasks)},
                               {"sink", part_schema(catalogs.sinks, "where the results go")}});
  refine(schema["properties"]);
  schema["required"] = OrderedJson::array({"source", "sink"});
  schema["allOf"] = OrderedJson::array(
      {implication("method", "single", {{"properties", {{"worker_count", {{"maximum", 1}}}}}})});
  OrderedJson all{
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "Millrace project file"},
      {"description", "JSON; comments are allowed. Relative paths start at the working directory."}};
  all.update(schema);
  all["definitions"] = definitions();
  return all.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace millrace
