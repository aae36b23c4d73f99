// SPDX-License-Identifier: Apache-2.0
// The arguments that name a project: the file, --set, --speed; shared by run, validate and explain.
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "millrace/config/project.hpp"

namespace millrace::cli {

struct ProjectArguments {
  std::string file;
  std::vector<std::string> overrides;
  std::string speed;

  void add_to(CLI::App& command);
  Project load() const;
};

}  // namespace millrace::cli
