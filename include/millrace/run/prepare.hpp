// SPDX-License-Identifier: Apache-2.0
// Everything that can be refused before a run starts, for `run` and `validate` alike: the input is there, the
// schema is known, the chain fits it, the sink can hold the result, its path can be written. Writes nothing.
#pragma once

#include <cstdint>
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
  std::uint64_t sink_bytes = 0;  // upper bound of the memory of a new output
};

// Throws Error (project_refused) with all problems, a line each.
PreparedRun prepare_run(const Project& project);
std::vector<ChainStep> chain_steps(const Project& project);

}  // namespace millrace
