// SPDX-License-Identifier: Apache-2.0
// The one program: subcommands, and the one place where an exception becomes a message and an exit code.
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/versions.hpp"
#include "millrace/base/log.hpp"
#include "millrace/base/option.hpp"

namespace {

using namespace millrace;

constexpr auto about =
    "Millrace preprocesses sensor rows in parallel: rows from files, an MQTT broker or a generator are\n"
    "buffered into messages, worker ranks run a chain of tasks on each, and the results are committed in\n"
    "order to HDF5, CSV or JSON lines, or published over MQTT.";

constexpr auto footer =
    "\nExit codes: 0 done, 1 failed, 2 usage, 3 project refused, 4 rows were quarantined (--strict), 5 no "
    "space,\n"
    "6 a rank was lost, 7 the source refused, 8 max_rejects reached, 75 stopped early: run again to go on.\n"
    "\nExamples:\n"
    "  millrace generate --rows 100000 > weather.jsonl\n"
    "  millrace validate configs/weather.json\n"
    "  mpirun -n 3 millrace run configs/weather.json\n"
    "  millrace inspect results/weather --rows 3\n";

// CLI11 passes over a first word that it does not know.
void check_subcommand(const CLI::App& app, const cli::CommandLine& line) {
  const std::string name = line.argc > 1 ? line.argv[1] : "-";
  if (name.starts_with("-")) return;
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == name) return;
    if (!command->get_group().empty()) known.push_back(command->get_name());
  }
  constexpr std::array<std::string_view, 4> planned{"advise", "simulate", "evaluate", "serve"};
  if (std::find(planned.begin(), planned.end(), name) != planned.end())
    throw Error(ExitCode::usage, "the subcommand " + name + " is not built yet");
  const auto near = nearest_name(name, known);
  throw Error(ExitCode::usage,
              "there is no subcommand " + name +
                  (near.empty() ? "; millrace --help lists them" : "; did you mean " + near + "?"));
}

int parse_and_run(CLI::App& app, cli::CommandLine& line) {
  check_subcommand(app, line);
  try {
    app.parse(line.argc, line.argv);
    return static_cast<int>(line.code);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return static_cast<int>(ExitCode::usage);
  }
}

// Messages and frames are of like sizes, freed and taken again all the time: keeping their pages spares the
// kernel the zeroing (a tenth of the run at 1,000 rows a message).
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  cli::CommandLine line{argc, argv};
  CLI::App app(about, "millrace");
  app.require_subcommand(1);
  app.footer(footer);
  app.set_version_flag("--version", cli::versions_line);
  cli::add_run(app, line);
  cli::add_validate(app, line);
  cli::add_explain(app, line);
  cli::add_apply(app, line);
  cli::add_generate(app, line);
  cli::add_requeue(app, line);
  cli::add_inspect(app, line);
  cli::add_schema(app, line);
  cli::add_tasks(app, line);
  cli::add_completion(app, line);
  cli::add_version(app, line);
  try {
    return parse_and_run(app, line);
  } catch (const Error& error) {
    std::fprintf(stderr, "millrace: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "millrace: %s\n", error.what());
    return static_cast<int>(ExitCode::failed);
  }
}
