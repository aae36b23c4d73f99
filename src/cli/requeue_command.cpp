// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/drain.hpp"
#include "millrace/run/feeder.hpp"
#include "millrace/run/requeue.hpp"
#include "millrace/sink/quarantine.hpp"

namespace millrace::cli {
namespace {

struct RequeueArguments {
  std::string path, project;
  std::vector<std::string> overrides;
  bool dry_run = false, strict = false, quiet = false;
  std::string log_format = "text";
};

Project project_of(const RequeueArguments& arguments, const OutputReader& output) {
  if (arguments.project.empty()) return stored_project(output, arguments.overrides);
  return load_project(arguments.project, arguments.overrides, build_catalogs());
}

void print_reasons(const OutputReader& output, const std::string& project) {
  const auto range = range_to_requeue(output.state(), project);
  std::uint64_t rows = 0;
  const auto reasons = reasons_in_quarantine(output.path(), range);
  for (const auto& [reason, count] : reasons) rows += count;
  std::printf("would put back %llu rows\n", static_cast<unsigned long long>(rows));
  for (const auto& [reason, count] : reasons)
    std::printf("  %12llu  %s\n", static_cast<unsigned long long>(count), reason.c_str());
}

ExitCode put_back(PreparedRun prepared, const RequeueArguments& arguments) {
  catch_drain_signals();
  RunSettings settings;
  settings.strict = arguments.strict;
  settings.show_progress = make_progress(arguments.quiet);
  settings.at_end = say_failure;
  const auto outcome = run_in_one_process(std::move(prepared), settings);
  if (!arguments.quiet) std::printf("%s", report_text(outcome.report).c_str());
  return outcome.code;
}

ExitCode requeue(const RequeueArguments& arguments) {
  set_up_log(arguments.log_format == "json" ? LogFormat::json : LogFormat::text, LogLevel::info);
  const auto output = OutputReader::open(arguments.path);
  auto prepared = prepare_requeue(*output, project_of(arguments, *output));
  if (!arguments.dry_run) return put_back(std::move(prepared), arguments);
  print_reasons(*output, prepared.project.text);
  return ExitCode::done;
}

}  // namespace

void add_requeue(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand(
      "requeue", "put the quarantined rows of an output through a mended project, once each");
  const auto arguments = std::make_shared<RequeueArguments>();
  command->add_option("path", arguments->path, "the sink's path, as in the project file")
      ->type_name("FILE")
      ->required();
  command->add_option("--project", arguments->project, "the mended project; default: the one in the output")
      ->type_name("FILE");
  command->add_option("--set", arguments->overrides, "override one value of the project")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->take_all();
  command->add_flag("--dry-run", arguments->dry_run, "print how many rows would be put back, by reason");
  command->add_flag("--strict", arguments->strict, "exit with 4 if rows were refused again");
  command->add_flag("--quiet", arguments->quiet, "no progress and no report");
  command->add_option("--log-format", arguments->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->footer(
      "\nTheir results are appended as new messages. Killed at any moment and called again, it goes on where "
      "it stopped;\n"
      "no row is lost, and none is put back twice. Rows that are refused again are quarantined again, for a "
      "later call.\n"
      "A later run goes on in the input where it was. Needs the output's lock: not while a run holds it.\n"
      "\nThe project may change the schema, non_finite and other options of the source, the chain and the "
      "buffering, as long\n"
      "as the columns of the results stay. Source and sink stay of their kind, the sink at its path, with "
      "its "
      "source_row\n"
      "and keep_fits; with keep_fits the chain stays too.\n"
      "\nExamples:\n"
      "  millrace requeue results/weather --dry-run\n"
      "  millrace requeue results/weather --project mended.json\n"
      "  millrace requeue results/weather --set source.jsonl.non_finite=missing --strict\n");
  command->callback([arguments, &line] { line.code = requeue(*arguments); });
}

}  // namespace millrace::cli
