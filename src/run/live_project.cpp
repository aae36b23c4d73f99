// SPDX-License-Identifier: Apache-2.0
#include "run/live_project.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"

namespace millrace {
namespace {

constexpr std::array row_option_names{"payload",    "max_payload_bytes", "max_row_bytes", "topic_column",
                                      "non_finite", "columns",           "delimiter"};

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

}  // namespace

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
