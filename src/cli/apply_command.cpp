// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/input_text.hpp"
#include "cli/output_text.hpp"
#include "cli/task_by_name.hpp"
#include "millrace/base/log.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/codec/schema_inference.hpp"
#include "millrace/run/filter.hpp"
#include "millrace/run/prepare.hpp"
#include "source/file_source.hpp"

namespace millrace::cli {
namespace {

struct ApplyArguments {
  std::string chain, project, format, delimiter, output = "jsonl";
  std::vector<std::string> missing_values;
  std::size_t buffering_factor = 0;
  int threads = 1;
};

RowFormat format_of(const std::string& name) {
  return name == "csv" ? RowFormat::csv : RowFormat::jsonl;
}

// What the project says of its rows holds for those on standard input, unless they are given in another
// format.
void take_project(const ApplyArguments& arguments, FilterSettings& settings) {
  const auto project = load_project(arguments.project, {}, build_catalogs());
  settings.schema = project.schema;
  settings.steps = chain_steps(project);
  const auto& source = project.source;
  const bool is_of_files = source.name == "csv" || source.name == "jsonl";
  if (!is_of_files || (!arguments.format.empty() && arguments.format != source.name)) return;
  settings.decode = file_decode_options(source.options, format_of(source.name));
  if (source.name == "csv") settings.header = source.options.boolean("header");
}

void take_chain(const std::string& chain, FilterSettings& settings) {
  if (chain.empty()) return;
  for (const auto& name : CLI::detail::split(chain, ','))
    settings.steps.push_back({name, Options(task_by_name(name).part.options, {})});
}

void apply(const ApplyArguments& arguments) {
  FilterSettings settings;
  take_chain(arguments.chain, settings);
  if (!arguments.project.empty()) take_project(arguments, settings);
  if (!arguments.format.empty()) settings.decode.format = format_of(arguments.format);
  if (!arguments.delimiter.empty()) settings.decode.csv_delimiter = delimiter_of(arguments.delimiter);
  if (!arguments.missing_values.empty()) settings.decode.csv_missing = arguments.missing_values;
  const auto text = decompressed(read_standard_input());
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
  auto* chain = command
                    ->add_option("--chain", arguments->chain,
                                 "tasks in order, at their defaults; none: rows are copied")
                    ->type_name("TASK[,TASK...]");
  command
      ->add_option("--project", arguments->project,
                   "take chain, schema, and how rows are read from a project file")
      ->type_name("PROJECT")
      ->excludes(chain);
  command
      ->add_option("--buffering-factor", arguments->buffering_factor,
                   "rows a message; 0: all rows are one message")
      ->check(counts());
  command->add_option("--format", arguments->format, "of the input: jsonl (default) or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  add_delimiter(*command, arguments->delimiter);
  add_missing_values(*command, arguments->missing_values);
  command->add_option("--output", arguments->output, "of the result: jsonl (default) or csv")
      ->check(CLI::IsMember({"jsonl", "csv"}));
  command->add_option("--threads", arguments->threads, "threads a message")->check(CLI::Range(1, 1024));
  command->footer(
      "\nReads .gz and .zst as they are. Rows that are refused are named on standard error, with their line "
      "and reason.\n"
      "\nExamples:\n  millrace apply --chain fillna_zeros,normalizer < rows.jsonl\n"
      "  millrace apply --chain standard_scaler --format csv --output csv < data/airquality.csv\n");
  command->callback([arguments, &line] {
    apply(*arguments);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
