// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/project_arguments.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/prepare.hpp"

namespace millrace::cli {

void add_validate(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("validate", "check a project as run does before it starts; writes nothing");
  const auto arguments = std::make_shared<ProjectArguments>();
  arguments->add_to(*command);
  command->footer("\nExamples:\n  millrace validate configs/weather.json\n");
  command->callback([arguments, &line] {
    const auto prepared = prepare_run(arguments->load());
    for (const auto& warning : prepared.warnings) log_warning(warning);
    const auto columns = prepared.input.columns.empty()
                             ? "columns as the first message has them"
                             : fmt::format("{} columns", prepared.input.columns.size());
    std::printf("%s: good; %s, chain of %zu tasks\n", arguments->file.c_str(), columns.c_str(),
                prepared.steps.size());
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
