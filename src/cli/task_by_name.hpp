// SPDX-License-Identifier: Apache-2.0
// The task that a user named on the command line; an unknown name is a usage error that offers the nearest
// one.
#pragma once

#include <string>

#include "millrace/task/task.hpp"

namespace millrace::cli {

const TaskInfo& task_by_name(const std::string& name);

}  // namespace millrace::cli
