// SPDX-License-Identifier: Apache-2.0
#include "config/part_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/option_check.hpp"

namespace millrace {
namespace {

std::vector<std::string> names_of(const std::vector<PartInfo>& catalog) {
  std::vector<std::string> names;
  for (const auto& part : catalog) names.push_back(part.name);
  return names;
}

const PartInfo* find(const PartCheck& check, const std::string& name, const std::string& path) {
  const auto& catalog = check.catalog;
  const auto found =
      std::find_if(catalog.begin(), catalog.end(), [&](const PartInfo& part) { return part.name == name; });
  if (found != catalog.end()) return &*found;
  const auto names = names_of(catalog);
  if (std::find(check.known.begin(), check.known.end(), name) != check.known.end())
    check.problems.push_back({path, fmt::format("{} {} is not built yet; this build has {}", check.noun, name,
                                                joined(names, ", "))});
  else
    check.problems.push_back(
        {path, fmt::format("unknown {} {}{}", check.noun, shown(Json(name)), hint(name, names))});
  return nullptr;
}

void refuse(const std::string& path, const std::string& found, const PartCheck& check) {
  check.problems.push_back({path, fmt::format("expected an object with one {} ({}), found {}", check.noun,
                                              joined(names_of(check.catalog), ", "), found)});
}

PartChoice check_step(const Json& step, const std::string& path, const PartCheck& check) {
  const auto place = step.is_object() ? child_path(path, "task") : path;
  const auto* name = &step;
  if (step.is_object()) name = step.contains("task") ? &step["task"] : nullptr;
  if (name == nullptr || !name->is_string()) {
    check.problems.push_back(
        {place, fmt::format("expected a task's name, found {}",
                            name == nullptr ? "nothing" : shown(check.document, place, *name))});
    return {"", {}, path};
  }
  PartChoice choice{name->get<std::string>(), {}, path};
  const auto* info = find(check, choice.name, place);
  if (info == nullptr) return choice;
  const auto options = step.is_object() ? step : Json::object();
  choice.options = Options(
      info->options, check_options(options, path, {check.document, check.problems, info->options, {"task"}}));
  return choice;
}

}  // namespace

PartChoice check_part(const Json* given, const std::string& path, const PartCheck& check) {
  if (given == nullptr) {
    refuse(path, "nothing", check);
    return {"", {}, path};
  }
  const auto& value = *given;
  if (!value.is_object() || value.size() != 1) {
    refuse(path,
           value.is_object() ? fmt::format("an object with {} keys", value.size())
                             : shown(check.document, path, value),
           check);
    return {"", {}, path};
  }
  const auto& name = value.begin().key();
  const auto& options = value.begin().value();
  PartChoice choice{name, {}, child_path(path, name)};
  const auto* info = find(check, name, choice.json_path);
  if (info == nullptr) return choice;
  if (!options.is_object())
    check.problems.push_back(
        {choice.json_path, fmt::format("expected an object with options, found {}",
                                       shown(check.document, choice.json_path, options))});
  else
    choice.options = Options(info->options, check_options(options, choice.json_path,
                                                          {check.document, check.problems, info->options}));
  return choice;
}

std::vector<PartChoice> check_chain(const Json& value, const std::string& path, const PartCheck& check) {
  std::vector<PartChoice> chain;
  if (!value.is_array()) {
    check.problems.push_back(
        {path, fmt::format("expected a list of tasks, found {}", shown(check.document, path, value))});
    return chain;
  }
  for (std::size_t step = 0; step < value.size(); ++step)
    chain.push_back(check_step(value[step], item_path(path, step), check));
  return chain;
}

}  // namespace millrace
