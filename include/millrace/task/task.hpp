// SPDX-License-Identifier: Apache-2.0
// Task: one preprocessing step, Frame -> Frame, built once for a schema (the moment to fail) and const
// afterwards. Each message is fitted on its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/option.hpp"
#include "millrace/frame/result.hpp"

namespace millrace {

// A row that a task refuses.
struct Refusal {
  std::uint32_t row;   // its index in the message (Frame::row_index)
  std::string reason;  // without the task's name
};

struct TaskContext {
  int threads = 1;
  bool keeps_fits = false;
  std::vector<Refusal> refused = {};  // filled by run(), ascending; such rows are no longer in the frame
  std::vector<Fit> fits = {};         // filled by run() if they are kept; named "COLUMN/PARAMETER"
};

class Task {
 public:
  virtual ~Task() = default;
  // The schema behind the task; follows from schema and options alone.
  virtual const Schema& schema_after() const = 0;
  // Places, in the schema before it, of the columns that it looks at.
  virtual const std::vector<std::size_t>& columns() const = 0;
  // Rows that are left of a message of at most so many.
  virtual std::size_t most_rows_after(std::size_t most_rows) const { return most_rows; }
  // What makes little sense on messages of at most so many rows: for people, a line each.
  virtual std::vector<std::string> warnings(std::size_t /*most_rows*/) const { return {}; }
  // Safe from several threads at once on different frames. Same bits for any number of threads. The frame has
  // the schema the task was built for; frames of no rows are legal.
  virtual void run(Frame& frame, TaskContext& context) const = 0;
};

struct TaskInfo {
  PartInfo part;      // the option `columns` (texts: names or globs) is listed by the tasks that take it
  std::string scope;  // what it looks at: "row", "column of one message", "whole message"
  std::string example;
  // Throws Error (project_refused) for options that do not fit the schema; the message names option and
  // column.
  std::function<std::unique_ptr<Task>(const Schema&, const Options&)> make;
};

// All tasks, in alphabetical order.
const std::vector<TaskInfo>& task_catalog();
const TaskInfo* find_task(std::string_view name);

// The columns that a task with these options works on: those that match option `columns`, default all numeric
// value columns. A name or glob that matches nothing, or a name of a column that is not numeric, is refused.
std::vector<std::size_t> numeric_columns(const Schema& schema, const Options& options);

}  // namespace millrace
