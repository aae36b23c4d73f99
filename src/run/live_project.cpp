// SPDX-License-Identifier: Apache-2.0
#include "run/live_project.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"
#include "source/topic_filter.hpp"

namespace millrace {
namespace {

constexpr std::array row_option_names{"payload",    "max_payload_bytes", "max_row_bytes", "topic_column",
                                      "non_finite", "columns",           "delimiter",     "missing_values"};

[[noreturn]] void refuse(const Project& project, const std::string& option, const std::string& why) {
  throw Error(ExitCode::project_refused, fmt::format("{}.{}: {}", project.source.json_path, option, why));
}

Path journal_folder(const Project& project) {
  const auto& options = project.source.options;
  if (options.has("journal")) return options.text("journal");
  if (!project.sink.options.has("path"))
    refuse(project, "journal",
           fmt::format("the sink {} has no path that the journal could lie beside: name a folder for it",
                       project.sink.name));
  return project.sink.options.text("path") + ".journal";
}

void check_pace(const Project& project) {
  if (project.arrival_rate > 0 || project.speed > 0)
    throw Error(ExitCode::project_refused,
                fmt::format("{}: paces a replay; this source is live, so leave it out",
                            project.speed > 0 ? "speed" : "arrival_rate"));
}

void check_topic_column(const Project& project) {
  const auto& options = project.source.options;
  if (!options.has("topic_column") || !project.schema) return;
  const auto& name = options.text("topic_column");
  const auto& columns = project.schema->columns;
  const auto column =
      std::find_if(columns.begin(), columns.end(), [&](const ColumnInfo& info) { return info.name == name; });
  if (column == columns.end())
    refuse(project, "topic_column", fmt::format("the schema has no column {}: declare it, as text", name));
  if (column->type != Type::text)
    refuse(project, "topic_column",
           fmt::format("the schema's column {} is no text: take another name, one that no row has", name));
}

// What the run publishes would come back to it, for ever.
void check_loop(const Project& project) {
  const auto &from = project.source.options, &to = project.sink.options;
  if (project.sink.name != project.source.name || !to.has("topic")) return;
  const auto &here = from.texts("broker"), &there = to.texts("broker");
  if (std::find_first_of(here.begin(), here.end(), there.begin(), there.end()) == here.end()) return;
  for (const auto& filter : from.texts("topic"))
    if (filters_overlap(filter, to.text("topic")))
      throw Error(
          ExitCode::project_refused,
          fmt::format("{}.topic: the source takes {} from the same broker, so that results would come "
                      "back as rows; publish to another topic",
                      project.sink.json_path, filter));
}

}  // namespace

void check_live_project(const Project& project) {
  check_pace(project);
  check_topic_column(project);
  check_loop(project);
}

JournalSettings journal_settings(const Project& project) {
  const auto& options = project.source.options;
  JournalSettings settings;
  settings.folder = journal_folder(project);
  settings.max_bytes = static_cast<std::uint64_t>(options.number("journal_max_bytes"));
  if (options.text("durability") == "power") settings.durability = Durability::power;
  if (is_to_stop_at_a_step())
    settings.on_step = [](std::string_view step) { reach_step("journal " + std::string(step)); };
  return settings;
}

Options row_options(const Options& source) {
  std::map<std::string, OptionValue> kept;
  for (const auto* name : row_option_names)
    if (source.has(name)) kept[name] = source.values().at(name);
  return {{}, std::move(kept)};
}

}  // namespace millrace
