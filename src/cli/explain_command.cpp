// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/command.hpp"
#include "cli/launch.hpp"
#include "cli/output_text.hpp"
#include "cli/project_arguments.hpp"
#include "millrace/run/explanation.hpp"

namespace millrace::cli {
namespace {

struct ExplainArguments {
  ProjectArguments project;
  std::string format = "text";
};

std::string explanation_of(const ExplainArguments& arguments) {
  const auto prepared = prepare_run(arguments.project.load());
  auto explanation = explain(prepared, workers_of(prepared.project));
  if (const auto crowded = crowding(prepared.project); !crowded.empty())
    explanation.warnings.push_back(crowded);
  return arguments.format == "json" ? explanation_json(explanation) : explanation_text(explanation);
}

}  // namespace

void add_explain(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("explain", "print what run would do, stage by stage; writes nothing");
  const auto arguments = std::make_shared<ExplainArguments>();
  arguments->project.add_to(*command);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->footer(
      "\nRefuses what run refuses. Reads as many rows as an inferred schema needs.\n"
      "\nExamples:\n  millrace explain configs/weather.json\n"
      "  millrace explain configs/weather.json --set buffering_factor=1 --format json\n");
  command->callback([arguments, &line] {
    OutputText("-").write(explanation_of(*arguments));
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
