// SPDX-License-Identifier: Apache-2.0
// The run report: a text for people at the end, the same as JSON beside the result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "millrace/sink/output.hpp"

namespace millrace {

struct RankUse {
  int rank = 0;
  std::string host;
  std::uint64_t messages = 0;
  double busy_share = 0;  // in decode, chain and encode; of this run's wall time
  std::uint64_t peak_bytes = 0;
};

// What came from a live source.
struct IntakeCounts {
  std::uint64_t payloads = 0;      // received by this run, redeliveries included
  std::uint64_t redeliveries = 0;  // that were known and left out
  std::uint64_t reconnects = 0;
  std::uint64_t waiting = 0;  // in the journal, for the next run
  double receiving_s = 0;     // from the first to the last
};

struct RunReport {
  std::string outcome;  // "done", "stopped early: run again to go on", or the error
  double wall_s =
      0;  // from the first byte to the last commit of this run (to its end, if it failed or there was none)
  double start_s = 0;             // set-up, schema and recovery before that
  double end_s = 0;               // the view of the results, and merging, after it
  std::uint64_t rows_in_run = 0;  // of this run alone; totals are of all runs into this output
  Totals totals;
  std::optional<IntakeCounts> intake;  // of a live source
  std::vector<std::string> stages;
  std::vector<RankUse> ranks;  // rank 0 first
};

std::string report_text(const RunReport& report);
std::string report_json(const RunReport& report);

}  // namespace millrace
