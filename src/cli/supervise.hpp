// SPDX-License-Identifier: Apache-2.0
// Supervision: a run that died is started again, with growing waits and a bound.
#pragma once

#include <string>
#include <vector>

#include "millrace/config/project.hpp"
#include "millrace/run/restart.hpp"

namespace millrace::cli {

// Throws Error (usage) where `project` reads standard input, which cannot be read a second time.
void check_supervised(const Project& project);

// Starts `command`, which runs `project`, as often as needed; each restart is logged with its reason. The
// code of the last start, or stopped_early if a stop was asked for while waiting. A start behind one that
// began the output anew goes without --overwrite.
ExitCode supervise(const Project& project, std::vector<std::string> command, const RestartLimits& limits);

// Was this process started by supervise()?
bool is_supervised();

}  // namespace millrace::cli
