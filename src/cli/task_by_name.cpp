// SPDX-License-Identifier: Apache-2.0
#include "cli/task_by_name.hpp"

#include <fmt/format.h>

#include "millrace/base/error.hpp"

namespace millrace::cli {

const TaskInfo& task_by_name(const std::string& name) {
  if (const auto* task = find_task(name)) return *task;
  std::vector<std::string> known;
  for (const auto& info : task_catalog()) known.push_back(info.part.name);
  const auto near = nearest_name(name, known);
  throw Error(ExitCode::usage,
              fmt::format("there is no task {}{}", name,
                          near.empty() ? "; millrace tasks lists them" : "; did you mean " + near + "?"));
}

}  // namespace millrace::cli
