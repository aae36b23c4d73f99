// SPDX-License-Identifier: Apache-2.0
// Output: what a run leaves behind. Owns the lock, the manifest, the quarantine file and the sink proper, and
// commits all of them in one atomic step (one append to the manifest). One thread at a time.
//
// Files, for "path": "results/weather" of the hdf5 sink:
// results/weather/{manifest,lock,results.h5,segments/*.h5}, results/weather.rejects.jsonl beside it. For csv
// and jsonl "path" is the file itself, with PATH.manifest, PATH.lock and PATH.rejects.jsonl beside it. mqtt:
// the same without a file at PATH. null: keeps nothing. The formats stand in src/sink/FORMAT.md.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/option.hpp"
#include "millrace/frame/message.hpp"
#include "millrace/frame/result.hpp"

namespace millrace {

// A result with what only rank 0 knows of its message.
struct SinkMessage {
  Result result;
  SourcePosition behind;                   // of its last row
  std::vector<std::string> reject_places;  // "data/x.jsonl:17", one a reject
  double first_arrival_unix_s = 0, last_arrival_unix_s = 0;
};

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
  std::vector<StageCount> stages;  // seconds and rows dropped per stage
  std::map<std::string, std::uint64_t>
      reject_reasons;  // without the row's own values: reason up to ", found"
  std::map<std::string, std::uint64_t> unknown_key_names;
};

struct OutputState {
  OutputHeader header;
  std::vector<RecordedPart> parts;
  std::uint64_t next_sequence = 0;
  SourcePosition position;
  Totals totals;
  bool finished = false;  // a run came to the end of this input
};

struct OutputSettings {
  std::string sink;  // name in sink_catalog()
  Options options;
  bool overwrite = false;
  double lock_wait_s = 10.0;
  const Clock* clock = &system_clock();
};

class Output {
 public:
  // Takes the lock (Error project_refused with the holder's pid if another run keeps it), probes the file
  // system (tmpfs, no working locks: warned of by name), recovers what an earlier run committed, removes what
  // it did not commit.
  static std::unique_ptr<Output> open(const OutputSettings& settings);
  virtual ~Output() = default;

  // What was committed earlier; empty for a new output.
  virtual const std::optional<OutputState>& found() const = 0;
  // Starts writing. On an output that exists: throws Error (project_refused) naming what differs from
  // `found`, and which recorded part changed or is gone; parts beyond the recorded ones are new input.
  virtual void begin(const OutputHeader& header, const std::vector<RecordedPart>& parts) = 0;
  // In sequence order, without gaps. Commits by itself when segment_rows are reached. Result::fits are stored
  // by the hdf5 sink if its option keep_fits is set, else dropped.
  virtual void write(SinkMessage message) = 0;
  // Commits if segment_seconds have passed since the first row that is not committed. Cheap; call it often.
  virtual void tick() = 0;
  // Everything written so far becomes durable. finished: the input is at its end.
  virtual void commit(bool finished) = 0;
  // Committed plus written: what the report shows.
  virtual const Totals& totals() const = 0;
  virtual std::uint64_t rows_committed() const = 0;
  // Behind the last row that is committed.
  virtual SourcePosition committed_position() const = 0;
  // When the last commit since begin() was durable, by the settings' clock; empty if there was none. What
  // comes behind it (the view, merging) is not waited for by anyone but commit()'s caller.
  virtual std::optional<double> last_commit_s() const = 0;
  // A call that wrote has thrown: nothing more can be written or committed.
  virtual bool has_failed() const = 0;
  // Upper bound of the memory that this object will hold, bytes, messages handed in not counted.
  virtual std::uint64_t memory_bound() const = 0;
};

// Names, help and options of the sinks, as the project file takes them.
const std::vector<PartInfo>& sink_catalog();

// "HDF5 1.10.8"
std::string hdf5_version();

}  // namespace millrace
