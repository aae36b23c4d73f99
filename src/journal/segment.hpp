// SPDX-License-Identifier: Apache-2.0
// The files of a journal: their names, their headers, and the list of them that writers and readers share.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "journal/entry.hpp"
#include "millrace/base/files.hpp"

namespace millrace {

constexpr std::size_t segment_header_bytes = 32;

struct Segment {
  SegmentNumber number = 0;
  Path path;
  std::uint64_t bytes = 0;  // that readers may look at: whole entries, durable
};

Path segment_path(const Path& folder, SegmentNumber number);
// Ascending. Removes segments that were not begun.
std::vector<Segment> find_segments(const Path& folder);

Bytes encode_segment_header(SegmentNumber number);
// False if the header is damaged or the file shorter; Error (project_refused) if it is of another version.
bool has_segment_header(File& file, SegmentNumber number);

// Safe from every thread.
class SegmentList {
 public:
  explicit SegmentList(std::vector<Segment> segments);
  void push(Segment segment);
  // The last holds so much more; readers may look at so much more of it. In the end both are the same.
  void grow(std::uint64_t bytes) { bytes_ += bytes; }
  void publish(std::uint64_t bytes);
  void remove_first();

  std::uint64_t bytes() const { return bytes_; }  // of all
  SegmentNumber first() const;
  SegmentNumber last() const;
  struct Progress {
    std::uint64_t bytes;
    bool is_last;
  };
  // Of one that is not there any more: no bytes, and not the last.
  Progress progress(SegmentNumber number) const;
  // The first of a higher number, which has to be there.
  Segment after(SegmentNumber number) const;
  // Where reading from `payload` on begins.
  Segment holding(std::uint64_t payload) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Segment> segments_;
  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace millrace
