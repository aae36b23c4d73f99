// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/input_text.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/sink/output_reader.hpp"

namespace millrace::cli {
namespace {

struct InspectArguments {
  std::string path;
  bool verify = false, digest = false, stats = false;
  std::uint64_t rows = 0;
};

void print_summary(const OutputReader& reader) {
  const auto& state = reader.state();
  const auto& totals = state.totals;
  std::printf("sink %s, %s, %.1f MB in %llu segments\n", reader.sink().c_str(),
              state.finished ? "finished" : "not finished: run again to go on",
              static_cast<double>(reader.bytes()) / 1e6, static_cast<unsigned long long>(reader.segments()));
  std::printf("rows %llu (in %llu, quarantined %llu), messages %llu\n",
              static_cast<unsigned long long>(totals.rows_out),
              static_cast<unsigned long long>(totals.rows_in),
              static_cast<unsigned long long>(totals.rows_rejected),
              static_cast<unsigned long long>(totals.messages));
  if (totals.rows_requeued > 0)
    std::printf("put back %llu quarantined rows; %llu are in quarantine\n",
                static_cast<unsigned long long>(totals.rows_requeued),
                static_cast<unsigned long long>(totals.rows_quarantined()));
  for (const auto& column : state.header.result_schema.columns)
    std::printf("  %-24s %-8s %s%s\n", column.name.c_str(), name_of(column.type), column.unit.c_str(),
                column.role == Role::key ? " (key)" : "");
}

struct ColumnStats {
  std::uint64_t count = 0, missing = 0;
  double least = INFINITY, most = -INFINITY, sum = 0;
};

void add(const Column& column, std::size_t rows, ColumnStats& stats) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (column.is_missing(row)) {
      ++stats.missing;
      continue;
    }
    ++stats.count;
    if (!is_numeric(column.info.type)) continue;
    const auto value =
        column.info.type == Type::float64 ? column.f64[row] : static_cast<double>(column.i64[row]);
    stats.least = std::min(stats.least, value);
    stats.most = std::max(stats.most, value);
    stats.sum += value;
  }
}

void print_stats(OutputReader& reader) {
  constexpr std::uint64_t block = 65536;
  const auto& schema = reader.state().header.result_schema;
  const auto rows = reader.state().totals.rows_out;
  std::vector<ColumnStats> stats(schema.columns.size());
  for (std::uint64_t first = 0; first < rows; first += block) {
    const auto frame = reader.rows(first, block);
    for (std::size_t column = 0; column < stats.size(); ++column)
      add(frame.columns[column], frame.rows(), stats[column]);
  }
  std::printf("%-24s %12s %12s %14s %14s %14s\n", "column", "count", "missing", "least", "mean", "most");
  for (std::size_t column = 0; column < stats.size(); ++column) {
    const auto& one = stats[column];
    std::printf("%-24s %12llu %12llu", schema.columns[column].name.c_str(),
                static_cast<unsigned long long>(one.count), static_cast<unsigned long long>(one.missing));
    if (is_numeric(schema.columns[column].type) && one.count > 0)
      std::printf(" %14.6g %14.6g %14.6g", one.least, one.sum / static_cast<double>(one.count), one.most);
    std::printf("\n");
  }
}

ExitCode verify(OutputReader& reader) {
  const auto problems = reader.verify();
  for (const auto& problem : problems) std::printf("%s\n", problem.c_str());
  std::printf(problems.empty() ? "verified: clean\n" : "verified: damaged\n");
  return problems.empty() ? ExitCode::done : ExitCode::failed;
}

ExitCode inspect(const InspectArguments& arguments) {
  const auto reader = OutputReader::open(arguments.path);
  if (arguments.stats && reader->sink() != "hdf5")
    throw Error(ExitCode::usage,
                arguments.path + ": --stats needs an output of the hdf5 sink, not of " + reader->sink());
  if (arguments.digest) {
    std::printf("%s\n", reader->digest().c_str());
  } else if (!arguments.verify || arguments.rows > 0 || arguments.stats) {
    print_summary(*reader);
  }
  if (arguments.rows > 0) {
    std::string text;
    append_rows(reader->rows(0, arguments.rows), RowFormat::jsonl, text);
    std::printf("%s", text.c_str());
  }
  if (arguments.stats) print_stats(*reader);
  return arguments.verify ? verify(*reader) : ExitCode::done;
}

}  // namespace

void add_inspect(CLI::App& app, CommandLine& line) {
  auto* command =
      app.add_subcommand("inspect", "look into an output: summary, rows, statistics, verification, digest");
  const auto arguments = std::make_shared<InspectArguments>();
  command->add_option("path", arguments->path, "the sink's path, as in the project file")
      ->type_name("FILE")
      ->required();
  command->add_flag("--verify", arguments->verify,
                    "check every segment, hash and count; exit 1 if anything is wrong");
  command->add_flag("--digest", arguments->digest,
                    "one SHA-256 over schema, rows in order and message boundaries");
  command->add_option("--rows", arguments->rows, "print the first rows as JSON lines")
      ->type_name("N")
      ->check(counts());
  command->add_flag("--stats", arguments->stats, "count, missing, least, mean and most of every column");
  command->footer(
      "\nExamples:\n  millrace inspect results/weather --rows 3\n  millrace inspect results/weather --verify "
      "--digest\n");
  command->callback([arguments, &line] { line.code = inspect(*arguments); });
}

}  // namespace millrace::cli
