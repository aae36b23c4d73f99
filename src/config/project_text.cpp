// SPDX-License-Identifier: Apache-2.0
#include "config/project_text.hpp"

#include <fmt/format.h>

#include <type_traits>

namespace millrace {
namespace {

// A plain ${ would be taken for a variable when the text is read again.
std::string escaped(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.compare(at, 2, "${") == 0) result += '$';
    result += text[at];
  }
  return result;
}

class ProjectText {
 public:
  explicit ProjectText(const Document& document) : document_(document) {}

  Json of(const Json& value, const std::string& path) const {
    if (const auto outside = document_.outside.find(path); outside != document_.outside.end())
      return outside->second;
    if (value.is_string()) return escaped(value.get<std::string>());
    auto result = value;
    for (std::size_t index = 0; value.is_array() && index < value.size(); ++index)
      result[index] = of(value[index], item_path(path, index));
    return result;
  }

  Json of(const Options& options, const std::string& path) const {
    auto result = Json::object();
    for (const auto& [name, value] : options.values())
      if (!std::holds_alternative<std::monostate>(value))
        result[name] = option(value, child_path(path, name));
    return result;
  }

 private:
  // A list of one may stand in the file without its brackets.
  Json option(const OptionValue& value, const std::string& path) const {
    const auto plain = option_to_json(value);
    if (plain.is_array() && document_.outside.contains(path))
      return Json::array({document_.outside.at(path)});
    return of(plain, path);
  }

  const Document& document_;
};

Json chain_of(const Project& project, const ProjectText& text) {
  auto chain = Json::array();
  for (const auto& choice : project.chain) {
    auto step = text.of(choice.options, choice.json_path);
    step["task"] = choice.name;
    chain.push_back(std::move(step));
  }
  return chain;
}

Json part_of(const PartChoice& choice, const ProjectText& text) {
  return Json{{choice.name, text.of(choice.options, choice.json_path)}};
}

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// As a list of names says it: the order of a schema's columns counts, so the object is built from its own
// text.
Json schema_of(const Project& project, const ProjectText& text) {
  if (!project.schema) return "infer";
  auto schema = Json::parse(schema_to_json(*project.schema));
  for (auto& column : schema["columns"])
    for (auto& value : column) value = text.of(value, "");
  return schema;
}

}  // namespace

Json option_to_json(const OptionValue& value) {
  return std::visit(
      [](const auto& plain) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(plain)>, std::monostate>)
          return nullptr;
        else
          return plain;
      },
      value);
}

std::string project_text(const Project& project, const Document& document) {
  const ProjectText text(document);
  Json all{{"description", text.of(Json(project.description), "description")},
           {"source", part_of(project.source, text)},
           {"schema", schema_of(project, text)},
           {"infer_rows", project.infer_rows},
           {"buffering_factor", project.buffering_factor},
           {"buffer_bytes", project.buffer_bytes},
           {"buffer_timeout_s", project.buffer_timeout_s},
           {"chain", chain_of(project, text)},
           {"method", project.method},
           {"worker_count", project.worker_count},
           {"threads_per_worker", project.threads_per_worker},
           {"heartbeat_timeout_s", project.heartbeat_timeout_s},
           {"sink", part_of(project.sink, text)}};
  if (project.arrival_rate > 0) all["arrival_rate"] = project.arrival_rate;
  if (project.speed > 0) all["speed"] = fmt::format("{}x", project.speed);
  if (project.max_rejects >= 0) all["max_rejects"] = project.max_rejects;
  return dumped(all);
}

std::string options_text(const PartChoice& choice, const Document& document) {
  return dumped(ProjectText(document).of(choice.options, choice.json_path));
}

}  // namespace millrace
