// SPDX-License-Identifier: Apache-2.0
// What a prepared run would do, stage by stage, before it does anything: a text for people, the same as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "millrace/run/memory_bound.hpp"
#include "millrace/run/prepare.hpp"

namespace millrace {

struct ExplainedStage {
  std::string stage;                      // source, buffer, prepare, chain[0] and so on, result, sink
  std::string part = {};                  // name of the source, task or sink
  std::string options = {};               // as they take effect: JSON, secrets left out
  std::vector<std::string> columns = {};  // that a task looks at
  std::optional<Schema> schema = {};      // behind prepare, each task, and the chain
};

struct Explanation {
  std::string description, method;
  int workers = 1;
  int threads = 1;                 // of each worker
  bool workers_are_given = false;  // by the project; else they are what this host would start
  bool rank_0_works_along = false;
  std::vector<ExplainedStage> stages;
  MemoryBound memory;
  std::vector<std::string> warnings;  // the preparation's, then each task's, in order
};

// Writes nothing and takes no lock.
Explanation explain(const PreparedRun& prepared, int workers);
std::string explanation_text(const Explanation& explanation);
// { "description", "layout", "memory_bound_bytes", "stages": [...], "warnings": [...] }
std::string explanation_json(const Explanation& explanation);

}  // namespace millrace
