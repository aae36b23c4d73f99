// SPDX-License-Identifier: Apache-2.0
// Requeue: the quarantined rows of an output go once more through its project, or a mended one, and what
// comes of them is appended as new messages, in the order of refusal.
//
// Every row of the quarantine file is taken once: how far it got is committed together with the results, so a
// requeue that was killed at any moment goes on where it stopped and ends as if it had not been. A row that
// is refused again stands behind in the quarantine file, with its first place, and only a later requeue takes
// it. Where the input goes on, and whether it is finished, stays. Each new message is a message of its own to
// the tasks, cut as the project says.
//
// The project may differ from the one that made the output in all but: the kind of its source, its sink
// (kind, path, source_row, keep_fits), the columns of its results; and, with keep_fits, its chain.
#pragma once

#include <string>
#include <vector>

#include "millrace/run/prepare.hpp"
#include "millrace/sink/output_reader.hpp"

namespace millrace {

// The project that made the output, at the place where the output lies now. What it takes from outside
// (${NAME}, files) must be there. Throws Error (project_refused).
Project stored_project(const OutputReader& output, const std::vector<std::string>& overrides);
// For run_feeder(), which takes the output's lock. The input itself need not be there. An inferred schema is
// the output's own. Throws Error (project_refused) naming what may not differ, a line each.
PreparedRun prepare_requeue(const OutputReader& output, Project project);

}  // namespace millrace
