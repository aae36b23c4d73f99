// SPDX-License-Identifier: Apache-2.0
// The subcommands: each file adds one to the command line; its callback does the work and sets the exit code.
#pragma once

#include <CLI/CLI.hpp>

#include "millrace/base/error.hpp"

namespace millrace::cli {

struct CommandLine {
  int argc = 0;
  char** argv = nullptr;
  ExitCode code = ExitCode::done;
};

void add_run(CLI::App& app, CommandLine& line);
void add_validate(CLI::App& app, CommandLine& line);
void add_explain(CLI::App& app, CommandLine& line);
void add_apply(CLI::App& app, CommandLine& line);
void add_generate(CLI::App& app, CommandLine& line);
void add_requeue(CLI::App& app, CommandLine& line);
void add_inspect(CLI::App& app, CommandLine& line);
void add_schema(CLI::App& app, CommandLine& line);
void add_tasks(CLI::App& app, CommandLine& line);
void add_completion(CLI::App& app, CommandLine& line);
void add_version(CLI::App& app, CommandLine& line);

}  // namespace millrace::cli
