// SPDX-License-Identifier: Apache-2.0
// Everything that can be refused before a run starts, for `run` and `validate` alike: the input is there, the
// schema is known, the chain fits it, the sink's path can be written. Writes nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/config/project.hpp"
#include "millrace/source/source.hpp"
#include "millrace/task/chain.hpp"

namespace millrace {

Catalogs build_catalogs();

struct PreparedRun {
  Project project;
  std::unique_ptr<Source> source;  // before its first read
  Schema input;
  std::vector<ChainStep> steps;
  std::vector<std::string> warnings;
};

// Throws Error (project_refused) with all problems, a line each.
PreparedRun prepare_run(const Project& project);
std::vector<ChainStep> chain_steps(const Project& project);

}  // namespace millrace
