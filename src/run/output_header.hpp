// SPDX-License-Identifier: Apache-2.0
// Opening the output of a prepared run: what makes it the same run as before, where to go on, what it may
// cost.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/run/feeder.hpp"
#include "millrace/sink/output.hpp"

namespace millrace {

// Opens the output and settles the schema: a continued run takes the stored one; where it is to be inferred
// from a live source, its first rows are waited for.
std::unique_ptr<Output> open_output(PreparedRun& prepared, const RunSettings& settings);
// Begins or continues the output; the source is set behind the last committed row. Throws Error
// (project_refused) where the output belongs to another run.
void begin_output(Output& output, PreparedRun& prepared, const RunSettings& settings);
// The chain's tasks with all their options, as outputs record it.
std::string chain_text(const std::vector<ChainStep>& steps);
bool is_finished(const Output& output, const Source& source);
std::vector<std::string> stage_names(const PreparedRun& prepared);
void log_memory_bound(const Transport& transport, const PreparedRun& prepared, const Output& output);
// report.json in the folder of an hdf5 output, PATH.report.json beside a file. Failing to write it is a
// warning.
void write_report(const Project& project, const RunReport& report);

}  // namespace millrace
