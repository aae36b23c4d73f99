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
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/option.hpp"
#include "millrace/frame/message.hpp"
#include "millrace/frame/result.hpp"
#include "millrace/sink/output_state.hpp"

namespace millrace {

// Of a reject: what the quarantine file says beside its reason and bytes.
struct RejectOrigin {
  std::string place;        // "data/x.jsonl:17"
  bool is_payload = false;  // its bytes are a whole payload of a live source, of this topic
  std::string topic = {};
};

// A result with what only rank 0 knows of its message.
struct SinkMessage {
  Result result;
  SourcePosition behind;                     // of its last row; see Output::begin_requeue()
  std::vector<RejectOrigin> reject_origins;  // one a reject
  // Index of each of its rows in the input; empty: they follow those of the message before.
  std::vector<std::uint64_t> input_rows = {};
  double first_arrival_unix_s = 0, last_arrival_unix_s = 0;
  std::uint64_t requeue = 0;  // number of the requeue that made it, from 1; set by Output
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
  // In place of begin(), on an output that exists: starts writing messages of quarantined rows that are put
  // back. Of their `behind`, `byte` is where the quarantine file goes on and `line` how many of its lines
  // were ever put back; both are committed with the messages. The input's position and parts stay, and
  // whether it is finished. Throws Error (project_refused) naming what differs from `found`: results go into
  // the same columns; with keep_fits the chain is the same too.
  virtual void begin_requeue(const RequeueHeader& header) = 0;
  // In sequence order, without gaps. Commits by itself when segment_rows are reached. Result::fits are stored
  // by the hdf5 sink if its option keep_fits is set, else dropped. What the message holds afterwards is open.
  virtual void write(SinkMessage& message) = 0;
  void write(SinkMessage&& message) { write(message); }
  // Commits if segment_seconds have passed since the first row that is not committed. Cheap; call it often.
  virtual void tick() = 0;
  // Everything written so far becomes durable. finished: the input is at its end.
  virtual void commit(bool finished) = 0;
  // Committed plus written: what the report shows.
  virtual const Totals& totals() const = 0;
  // What totals().stages count. A requeue through another chain adds the stages that are new.
  virtual const std::vector<std::string>& stages() const = 0;
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
