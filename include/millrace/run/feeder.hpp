// SPDX-License-Identifier: Apache-2.0
// Feeder: what rank 0 does: receives rows, buffers, dispatches by credits, gathers, reorders, commits.
#pragma once

#include <functional>
#include <string>

#include "millrace/base/error.hpp"
#include "millrace/run/prepare.hpp"
#include "millrace/run/report.hpp"
#include "millrace/transport/transport.hpp"

namespace millrace {

struct ProgressState {
  double elapsed_s = 0;
  std::uint64_t rows_in = 0;  // written by this run
  double done_share = -1;     // of the input's bytes; negative: unknown
  std::size_t in_flight = 0;  // messages at workers
  std::size_t waiting = 0;    // results that wait for an earlier one
  std::uint64_t lag = 0;      // payloads of a live source that are received and not taken yet
};

struct RunOutcome {
  ExitCode code = ExitCode::done;
  RunReport report;
};

struct RunSettings {
  bool overwrite = false;
  bool strict = false;
  double quiet_s = 0;  // a live source that has brought nothing for so long is at its end; 0: it never is
  // Intake stops behind so many rows or seconds of this run, as a drain does; 0: no limit.
  std::uint64_t max_rows = 0;
  double max_seconds = 0;
  std::map<std::string, std::string> attributes;            // root attributes of the result
  std::function<void(const ProgressState&)> show_progress;  // called about five times a second; may be empty
  // Called once the outcome is known and written, before the workers are stopped; may be empty.
  std::function<void(const RunOutcome&)> at_end;
};

// Runs a prepared project with the other ranks of `transport` as workers (at least one), and stops them at
// its end, however it ends, except when one is lost (rank_lost): the caller aborts then. A failure after the
// start is in the outcome (code, report.outcome); what was written is committed. In a live run the ranks
// on this host give way to the source's threads (give_way()), this thread for good. Throws Error
// before anything was dispatched (project_refused: the output is of another run; locked ...).
RunOutcome run_feeder(Transport& transport, PreparedRun prepared, const RunSettings& settings);

// The same with as many workers on threads of this process. What is thrown is thrown once they have ended.
RunOutcome run_in_one_process(PreparedRun prepared, const RunSettings& settings, int workers = 1);

// Ends the workers of `transport` when there is nothing to run: for rank 0 after a refused project. Where one
// still computes after some seconds, all ranks end at once with `code`.
std::vector<RankUse> stop_workers(Transport& transport, ExitCode code);

}  // namespace millrace
