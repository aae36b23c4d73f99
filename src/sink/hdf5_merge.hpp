// SPDX-License-Identifier: Apache-2.0
// Merging of small neighbouring segments into one, and the removal of those that it replaces.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "sink/hdf5_segment.hpp"
#include "sink/manifest_state.hpp"

namespace millrace {

struct MergeSource {
  Path segments;  // the folder
  const TableLayout& layout;
  const ManifestState& state;
  std::uint64_t segment_rows;
};

// Writes the merged segment, through a writer that is at rest; empty if there is nothing to merge. Throws
// Error (failed) rather than merge a segment that is damaged.
std::optional<MergeEntry> merge_neighbours(const MergeSource& source, SegmentWriter& writer);

// Segments that a merge replaced stay for a minute: a reader may have a view open that shows them.
class ReplacedSegments {
 public:
  void add(const Path& path, double now_s) { waiting_.push_back({path, now_s}); }
  bool has_older_than(double now_s) const;
  void remove_older_than(double now_s);
  void remove_all();

 private:
  struct Waiting {
    Path path;
    double since_s;
  };
  void remove_first();
  std::deque<Waiting> waiting_;
};

}  // namespace millrace
