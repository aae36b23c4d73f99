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

class JournalledSource;
class QuarantineSource;

struct PreparedRun {
  Project project;
  std::unique_ptr<Source> source;       // before its first read
  JournalledSource* live = nullptr;     // `source`, if it is one
  QuarantineSource* requeue = nullptr;  // `source`, if it is one
  Schema input;                         // without columns: to be inferred from what a live source brings
  std::vector<ChainStep> steps;
  std::vector<std::string> warnings;
  std::uint64_t sink_bytes = 0;  // upper bound of the memory of a new output
};

// Throws Error (project_refused) with all problems, a line each.
PreparedRun prepare_run(const Project& project);
// The schema of the input, by declaration or inference, and what follows from it. For a live source whose
// schema is inferred: once it is open; waits for its first rows.
void find_schema(PreparedRun& run);
// Does rank 0 compute messages itself when it has nothing better to do? Not where others are to be told how a
// setting does: behind a live source, at a pace, or with the method single, the base line.
bool rank_0_works_along(const PreparedRun& run);
std::vector<ChainStep> chain_steps(const Project& project);

}  // namespace millrace
