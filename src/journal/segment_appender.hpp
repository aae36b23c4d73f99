// SPDX-License-Identifier: Apache-2.0
// Appends to the last segment of a list: by way of the tail, or, for Durability::power and what is large,
// straight to its file.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>

#include "journal/segment.hpp"
#include "journal/tail.hpp"
#include "millrace/base/files.hpp"

namespace millrace {

// One thread at a time, but for flush().
class SegmentAppender {
 public:
  // `reserved`: what is to come and spoken for. Without room or a file system for a tail it does without.
  SegmentAppender(const JournalSettings& settings, SegmentList& segments, std::uint64_t reserved);
  ~SegmentAppender();

  // Behind what the last segment of the list holds.
  void go_on();
  // In a new one that comes behind it. Nothing may be in the tail.
  void go_on_in(Segment segment);
  // Durable on return. Error: nothing was appended.
  void append(std::span<const std::byte> bytes);
  // Puts what the tail holds into its file, where readers find it. Any thread.
  // Error: the tail holds it still.
  void flush();
  // flush(), and gives back what is reserved behind that: nothing more comes to this segment.
  void finish();

  std::uint64_t end() const { return end_; }  // of the segment, with what the tail holds
  // A sync failed, or an append could not be taken back.
  bool is_in_doubt() const { return is_in_doubt_; }
  std::uint64_t tail_bytes() const { return tail_bytes_; }

 private:
  void step(std::string_view name) const {
    if (settings_.on_step) settings_.on_step(name);
  }
  void make_tail(std::size_t capacity);
  void open(const Segment& segment);
  void stage(std::span<const std::byte> bytes);
  void write_through(std::span<const std::byte> bytes);
  void flush_locked(const Tail::Held& held);
  void reserve(const Tail::Held& held);
  void take_back();

  const JournalSettings& settings_;
  SegmentList& segments_;
  std::uint64_t tail_bytes_ = 0;
  std::optional<Tail> tail_;
  std::uint64_t end_ = 0;
  bool is_in_doubt_ = false;
  std::mutex mutex_;            // of the file, and of what the tail gives away
  std::uint64_t reserved_ = 0;  // up to there the file has blocks, as far as we know
  File file_;
};

}  // namespace millrace
