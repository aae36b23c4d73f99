// SPDX-License-Identifier: Apache-2.0
// Chain: the ordered tasks of a project, with counts and times per task. An empty chain is a copy.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/frame/result.hpp"
#include "millrace/task/task.hpp"

namespace millrace {

struct ChainStep {
  std::string task;
  Options options;
};

class Chain {
 public:
  // Throws Error (project_refused); the message begins with "chain[N]: ".
  Chain(const Schema& input, const std::vector<ChainStep>& steps);

  const Schema& schema_after() const;  // of the results
  const Schema& schema_after(std::size_t step) const;
  const Task& task(std::size_t step) const { return *tasks_.at(step); }
  std::size_t size() const { return tasks_.size(); }
  // Runs all tasks on result.frame, appends a StageCount each, and adds refused rows to result.rejects (bytes
  // empty, reason "TASK: ...", in ascending order of rows together with those already there). Adds what the
  // tasks were fitted to, if `keep_fits`: for every message the same names. Thread-safe.
  void run(Result& result, int threads, bool keep_fits = false) const;

 private:
  Schema input_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Task>> tasks_;
};

}  // namespace millrace
