// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/input_text.hpp"
#include "millrace/base/log.hpp"
#include "millrace/codec/schema_inference.hpp"
#include "millrace/run/prepare.hpp"

namespace millrace::cli {
namespace {

struct SchemaArguments {
  std::string infer, format = "auto", delimiter;
  std::vector<std::string> missing_values;
  std::size_t rows = 10000;
};

std::string source_name(const SchemaArguments& arguments) {
  if (arguments.format != "auto") return arguments.format;
  return arguments.infer.find(".csv") != std::string::npos ? "csv" : "jsonl";
}

void print_inferred(const SchemaArguments& arguments) {
  const auto* info = find_source(source_name(arguments));
  std::map<std::string, OptionValue> values{{"path", std::vector<std::string>{arguments.infer}}};
  if (!arguments.delimiter.empty() && info->part.name == "csv")
    values["delimiter"] = std::string{delimiter_of(arguments.delimiter)};
  if (!arguments.missing_values.empty() && info->part.name == "csv")
    values["missing_values"] = arguments.missing_values;
  const auto source = info->make(Options(info->part.options, values));
  const auto sample = source->sample(arguments.rows);
  const auto inferred = infer_schema({sample.begin(), sample.end()}, source->decode_options());
  for (const auto& warning : inferred.warnings) log_warning(warning);
  if (inferred.schema.columns.empty())
    throw Error(ExitCode::failed, fmt::format("{}: no row of the first {} can be decoded as {}",
                                              arguments.infer, sample.size(), source_name(arguments)));
  std::printf("%s\n", schema_to_json(inferred.schema).c_str());
}

}  // namespace

void add_schema(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("schema", "print the JSON Schema of project files, or infer the columns of a file");
  const auto arguments = std::make_shared<SchemaArguments>();
  command
      ->add_option("--infer", arguments->infer,
                   "print what is inferred from this file, as a declaration to keep")
      ->type_name("FILE");
  command->add_option("--rows", arguments->rows, "how many rows to look at")
      ->capture_default_str()
      ->check(counts());
  command->add_option("--format", arguments->format, "jsonl, csv, or auto: by the file's name")
      ->check(CLI::IsMember({"auto", "jsonl", "csv"}));
  add_delimiter(*command, arguments->delimiter);
  add_missing_values(*command, arguments->missing_values);
  command->footer(
      "\nExamples:\n  millrace schema > millrace.schema.json\n  millrace schema --infer "
      "data/airquality.csv\n");
  command->callback([arguments, &line] {
    if (arguments->infer.empty())
      std::printf("%s\n", project_json_schema(build_catalogs()).c_str());
    else
      print_inferred(*arguments);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
