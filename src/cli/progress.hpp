// SPDX-License-Identifier: Apache-2.0
// Progress: one live line on a terminal, a log line every five seconds otherwise.
#pragma once

#include <functional>

#include "millrace/run/feeder.hpp"

namespace millrace::cli {

// quiet: an empty function.
std::function<void(const ProgressState&)> make_progress(bool quiet);
void end_progress_line();
// Ends the line, and logs what went wrong, if anything did.
void say_failure(const RunOutcome& outcome);

}  // namespace millrace::cli
