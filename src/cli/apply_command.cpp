// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/output_text.hpp"
#include "cli/task_by_name.hpp"
#include "millrace/base/log.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/codec/schema_inference.hpp"
#include "millrace/run/filter.hpp"
#include "millrace/run/prepare.hpp"

namespace millrace::cli {
namespace {

struct ApplyArguments {
  std::string chain, project, format = "jsonl", output = "jsonl";
  std::size_t buffering_factor = 0;
  int threads = 1;
};

RowFormat format_of(const std::string& name) {
  return name == "csv" ? RowFormat::csv : RowFormat::jsonl;
}

std::vector<ChainStep> steps_of(const ApplyArguments& arguments, std::optional<Schema>& schema) {
  if (!arguments.project.empty()) {
    const auto project = load_project(arguments.project, {}, build_catalogs());
    schema = project.schema;
    return chain_steps(project);
  }
  std::vector<ChainStep> steps;
  if (arguments.chain.empty()) return steps;
  for (const auto& name : CLI::detail::split(arguments.chain, ',')) {
    steps.push_back({name, Options(task_by_name(name).part.options, {})});
  }
  return steps;
}

void apply(const ApplyArguments& arguments) {
  const auto text = read_standard_input();
  FilterSettings settings;
  settings.steps = steps_of(arguments, settings.schema);
  settings.input = format_of(arguments.format);
  settings.output = format_of(arguments.output);
  settings.rows_per_message = arguments.buffering_factor;
  settings.threads = arguments.threads;
  OutputText out("-");
  const auto outcome = filter_rows(text, settings, [&](std::string_view rows) { out.write(rows); });
  for (const auto& warning : outcome.warnings) log_warning(warning);
  for (const auto& reject : outcome.rejects) log_warning(reject);
}

}  // namespace

void add_apply(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("apply", "a filter: rows on standard input, result rows on standard output");
  const auto arguments = std::make_shared<ApplyArguments>();
  auto* chain = command->add_option("--chain", arguments->chain, "tasks in order, at their defaults")
                    ->type_name("TASK[,TASK...]");
  command->add_option("--project", arguments->project, "take chain and schema from a project file")
      ->type_name("PROJECT")
      ->excludes(chain);
  command->add_option("--buffering-factor", arguments->buffering_factor,
                      "rows a message; 0: all rows are one message");
  command->add_option("--format", arguments->format, "of the input: jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--output", arguments->output, "of the result: jsonl or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--threads", arguments->threads, "threads a message")->check(CLI::Range(1, 1024));
  command->footer(
      "\nRows that are refused are named on standard error, with their line and reason.\n"
      "\nExamples:\n  millrace apply --chain fillna_zeros,normalizer < rows.jsonl\n"
      "  millrace apply --chain standard_scaler --format csv --output csv < data/airquality.csv\n");
  command->callback([arguments, &line] {
    apply(*arguments);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
