// SPDX-License-Identifier: Apache-2.0
#include "config/contradictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "config/option_check.hpp"

namespace millrace {
namespace {

using Texts = std::vector<std::string>;

const Texts* texts_of(const Options& options, const std::string& name) {
  const auto found = options.values().find(name);
  return found == options.values().end() ? nullptr : std::get_if<Texts>(&found->second);
}

void of_method(const Project& project, const Json& given, std::vector<Problem>& problems) {
  if (project.method == "single" && project.worker_count > 1)
    problems.push_back(
        {"worker_count", fmt::format("method single has one worker, found {}; choose multiprocessing "
                                     "or task_queue, or leave worker_count out",
                                     project.worker_count)});
  if (project.method != "task_queue" && given.contains("granularity"))
    problems.push_back(
        {"granularity", fmt::format("only the method task_queue has one; the method is {}", project.method)});
}

void of_pace(const Project& project, const Json& given, std::vector<Problem>& problems) {
  const bool has_speed = given.contains("speed");
  if (project.arrival_rate > 0 && has_speed)
    problems.push_back(
        {"speed", "arrival_rate paces the replay already; leave one of them out (arrival_rate=0)"});
  if (!has_speed || project.speed <= 0 || !project.schema) return;
  const auto& columns = project.schema->columns;
  if (std::none_of(columns.begin(), columns.end(), [](const auto& info) { return info.type == Type::time; }))
    problems.push_back({"speed", "paces by the rows' time column, but the declared schema has none"});
}

void of_rejects(const Project& project, std::vector<Problem>& problems) {
  if (project.max_rejects > 1 && std::floor(project.max_rejects) != project.max_rejects)
    problems.push_back(
        {"max_rejects",
         fmt::format("expected a share below 1 or a whole number of rows, found {}", project.max_rejects)});
}

// Below a second, a busy machine looks like a lost rank.
void of_heartbeats(const Project& project, std::vector<Problem>& problems) {
  if (project.heartbeat_timeout_s > 0 && project.heartbeat_timeout_s < 1)
    problems.push_back({"heartbeat_timeout_s", fmt::format("expected 0 (never) or at least 1 (s), found {}",
                                                           project.heartbeat_timeout_s)});
}

// A source that lists its fields must have those that the schema declares.
void of_fields(const Project& project, std::vector<Problem>& problems) {
  const auto* fields = texts_of(project.source.options, "columns");
  if (fields == nullptr || !project.schema) return;
  for (std::size_t column = 0; column < project.schema->columns.size(); ++column) {
    const auto& name = project.schema->columns[column].name;
    if (std::find(fields->begin(), fields->end(), name) == fields->end())
      problems.push_back(
          {fmt::format("schema.columns[{}].name", column),
           fmt::format("{}.columns has no {}{}", project.source.json_path, name, hint(name, *fields))});
  }
}

struct ColumnOption {
  const PartChoice& step;
  std::string option;
};

void check_names(const ColumnOption& place, const Texts& known, std::vector<Problem>& problems) {
  const auto* names = texts_of(place.step.options, place.option);
  if (names == nullptr) return;
  for (std::size_t index = 0; index < names->size(); ++index) {
    const auto& name = (*names)[index];
    if (std::any_of(known.begin(), known.end(),
                    [&](const auto& column) { return glob_matches(name, column); }))
      continue;
    const auto path = child_path(place.step.json_path, place.option);
    problems.push_back({names->size() > 1 ? item_path(path, index) : path,
                        fmt::format("the schema has no column {}{}", name, hint(name, known))});
  }
}

// Behind a task that makes columns of its own, what is there is known to the chain only, which checks it too.
void of_columns(const Project& project, std::vector<Problem>& problems) {
  if (!project.schema) return;
  const auto known = project.schema->names();
  for (const auto& step : project.chain) {
    check_names({step, "columns"}, known, problems);
    check_names({step, "subset"}, known, problems);
    if (step.name == "aggregated_sum") return;
  }
}

void of_paths(const Project& project, std::vector<Problem>& problems) {
  const auto* inputs = texts_of(project.source.options, "path");
  const auto& sink = project.sink.options.values();
  const auto output = sink.find("path");
  if (inputs == nullptr || output == sink.end() || !std::holds_alternative<std::string>(output->second))
    return;
  const auto path = std::filesystem::path(std::get<std::string>(output->second)).lexically_normal().string();
  for (const auto& input : *inputs)
    if (glob_matches(std::filesystem::path(input).lexically_normal().string(), path))
      problems.push_back({child_path(project.sink.json_path, "path"),
                          fmt::format("{} is an input of the source", shown(Json(path)))});
}

}  // namespace

void find_contradictions(const Project& project, const Json& given, std::vector<Problem>& problems) {
  of_method(project, given, problems);
  of_pace(project, given, problems);
  of_rejects(project, problems);
  of_heartbeats(project, problems);
  of_fields(project, problems);
  of_columns(project, problems);
  of_paths(project, problems);
}

}  // namespace millrace
