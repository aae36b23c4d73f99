// SPDX-License-Identifier: Apache-2.0
// Segments: the immutable files of the hdf5 sink, each with result rows and the provenance of their messages.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "millrace/base/files.hpp"
#include "sink/hdf5_table_reader.hpp"
#include "sink/hdf5_table_writer.hpp"
#include "sink/manifest_state.hpp"

namespace millrace {

std::string segment_name(std::uint64_t number);  // segment-00000001.h5
// Is `name` that of a segment, or of one that was not finished (.part)?
bool is_segment_name(const std::string& name);

struct MessageRecord {
  std::int64_t sequence, rows_in, rows_out, rows_rejected, first_row;
  double first_arrival_unix_s, last_arrival_unix_s, service_s;
  std::int64_t worker, requeue;
};

// Writes one segment after the other into a folder.
class SegmentWriter {
 public:
  SegmentWriter(Path folder, TableLayout layout, ChunkSettings settings, bool keep_fits);
  ~SegmentWriter();

  // `record` says where the segment's rows and messages begin; its number names the file.
  void start(const SegmentRecord& record);
  bool is_started() const { return file_ != nullptr; }
  void append_rows(const Frame& frame);
  void append_message(const MessageRecord& message);
  void append_provenance(const Frame& messages);  // of provenance_layout()
  void append_fits(const Frame& fits);            // of fits_layout(), if they are kept
  // Durable and under its final name; the record with everything filled in.
  SegmentRecord finish();
  std::uint64_t memory_bound() const;

 private:
  void flush_messages();
  template <class Step>
  void guarded(const Step& step);

  Path folder_;
  SegmentRecord record_;
  std::unique_ptr<Hdf5OutFile> file_;
  Hdf5Group provenance_, fits_group_;
  Hdf5TableWriter rows_, messages_;
  std::optional<Hdf5TableWriter> fits_;
  Frame pending_messages_;
};

// Reads one segment.
class SegmentReader {
 public:
  SegmentReader(const Path& folder, const SegmentRecord& record, const TableLayout& layout);
  const Hdf5TableReader& rows() const { return rows_; }
  const Hdf5TableReader& messages() const { return messages_; }
  const std::optional<Hdf5TableReader>& fits() const { return fits_; }  // empty: they are not kept

 private:
  Hdf5FileId file_;
  Hdf5Group provenance_, fits_group_;
  Hdf5TableReader rows_, messages_;
  std::optional<Hdf5TableReader> fits_;
};

}  // namespace millrace
