// SPDX-License-Identifier: Apache-2.0
// What a manifest says: all that was committed to an output, and the entries of the log that bring it about.
// Their bytes stand in FORMAT.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/sink/output.hpp"
#include "sink/label_table.hpp"

namespace millrace {

// One immutable file of the hdf5 sink, segments/segment-NUMBER.h5.
struct SegmentRecord {
  std::uint64_t number = 0;
  std::uint64_t first_sequence = 0, messages = 0;
  std::uint64_t first_row = 0, rows = 0;
  std::uint64_t first_fit = 0, fits = 0;     // of the table of fits, if they are kept
  std::uint64_t bytes = 0, crc64 = 0;        // of the file
  std::vector<std::uint32_t> valid_columns;  // which columns have a `<column>_valid` data set, ascending

  std::uint64_t size() const { return rows > messages ? rows : messages; }
  bool operator==(const SegmentRecord&) const = default;
};

struct ManifestState {
  std::string sink;
  bool source_row = false;  // is each result row's index in the stream stored?
  bool keep_fits = false;   // is what each message's tasks were fitted to stored?
  OutputState output;
  std::vector<SegmentRecord> segments;  // in order of rows and sequence numbers
  std::uint64_t next_segment = 1;
  std::vector<LabelTable> labels;  // one a column of the result schema; used by those of `codes`
  LabelTable fit_names;            // of all fits that were kept
  std::uint64_t text_bytes = 0;    // committed length of the csv or jsonl file

  bool is_begun() const { return !sink.empty(); }
};

// A new output.
struct BeginEntry {
  std::string sink;
  bool source_row = false, keep_fits = false;
  OutputHeader header;
  std::vector<RecordedPart> parts;
};

// A run that goes on with more input.
struct ResumeEntry {
  std::map<std::string, std::string> attributes;
  std::vector<RecordedPart> parts;  // all
};

struct CommitEntry {
  std::uint64_t next_sequence = 0;
  SourcePosition position;
  Totals added;
  bool finished = false;
  std::optional<SegmentRecord> segment;
  std::uint64_t text_bytes = 0, reject_bytes = 0, requeued_bytes = 0;
  std::map<std::uint32_t, std::vector<std::string>> new_labels;  // by column
  std::vector<std::string> new_fit_names;
};

// Neighbouring segments are replaced by one that holds the same.
struct MergeEntry {
  std::vector<std::uint64_t> replaced;  // their numbers
  SegmentRecord merged;
};

// A requeue begins: its messages come behind this.
struct RequeueEntry {
  Requeue requeue;
  std::vector<std::string> new_stages;  // of its chain, that the output did not count before
};

// The whole state, at the head of a log that was begun anew.
struct CheckpointEntry {};

using ManifestEntry =
    std::variant<BeginEntry, ResumeEntry, CommitEntry, MergeEntry, CheckpointEntry, RequeueEntry>;

// `state` is what a checkpoint holds; the other entries do not look at it.
void encode_entry(const ManifestEntry& entry, const ManifestState& state, Bytes& out);
// Brings the effect of an encoded entry about. Throws std::out_of_range on bytes that are no entry.
void apply_entry(std::span<const std::byte> encoded, ManifestState& state);

void add_totals(const Totals& added, Totals& totals);
// Adds what one message brings. Reasons and names beyond a thousand distinct ones are counted together.
void count_message(const SinkMessage& message, Totals& totals);

}  // namespace millrace
