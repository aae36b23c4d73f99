// SPDX-License-Identifier: Apache-2.0
// What an output says of itself: by which project its results were made, and how far it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "millrace/frame/message.hpp"
#include "millrace/frame/result.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

// Everything that makes two runs the same run. Each entry of `identity` is compared on restart, and named if
// it differs.
struct OutputHeader {
  std::map<std::string, std::string> identity;  // "chain", "buffering", "source" ... -> normalised text
  std::string input_schema;  // declaration as JSON text; a restart uses this, never a new guess
  Schema result_schema;
  std::vector<std::string> stages;  // prepare and the tasks' names
  std::map<std::string, std::string>
      attributes;  // root attributes of results.h5: project file, versions, host layout
};

// An input part as recorded: "path", its size and the hash of its ends (source room's InputPart, without that
// room).
struct RecordedPart {
  std::string name;
  std::uint64_t bytes = 0;
  std::string hash;
  bool operator==(const RecordedPart&) const = default;
};

// Sums over all committed messages, earlier runs of the same output included.
struct Totals {
  std::uint64_t messages = 0, rows_in = 0, rows_out = 0, rows_rejected = 0, unknown_keys = 0;
  std::uint64_t rows_requeued = 0;  // rejects that were put back; what became of them is counted anew
  std::vector<StageCount> stages;   // seconds and rows dropped per stage
  std::map<std::string, std::uint64_t>
      reject_reasons;  // without the row's own values: reason up to ", found"
  std::map<std::string, std::uint64_t> unknown_key_names;

  std::uint64_t rows_quarantined() const { return rows_rejected - rows_requeued; }
};

// Quarantined rows that were put back through one project.
struct Requeue {
  std::string project;          // as it took effect, normalised JSON
  std::uint64_t end_bytes = 0;  // of the quarantine file: up to there they are its own
};

struct OutputState {
  OutputHeader header;
  std::vector<RecordedPart> parts;
  std::uint64_t next_sequence = 0;
  SourcePosition position;
  Totals totals;
  bool finished = false;             // a run came to the end of this input
  std::uint64_t reject_bytes = 0;    // of the quarantine file
  std::uint64_t requeued_bytes = 0;  // of these, behind the last row that was put back
  std::vector<Requeue> requeues;     // in order
};

// What makes the results of a requeue fit an output.
struct RequeueHeader {
  std::string project;
  std::string chain;  // as in OutputHeader::identity
  Schema result_schema;
  std::vector<std::string> stages;
};

}  // namespace millrace
