// SPDX-License-Identifier: Apache-2.0
// Finds the entries of one segment, one after the other, and steps over what is none.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "journal/entry.hpp"

namespace millrace {

struct DamagedRange {
  std::uint64_t begin, end;  // offsets in the segment
  bool operator==(const DamagedRange&) const = default;
};

class EntryCursor {
 public:
  // Puts up to `size` of the segment's next bytes there, and says how many; 0: none now.
  using Feed = std::function<std::size_t(void* into, std::size_t size)>;
  // The feed begins at `offset` of the segment.
  EntryCursor(Feed feed, SegmentNumber segment, std::uint64_t offset);

  // A view until the next call; null if there is no whole entry before the feed's present end.
  const Entry* next();
  // Behind the last entry found.
  std::uint64_t offset() const { return behind_; }
  // What lies before entries that were found and is none itself, since this was last asked for.
  std::vector<DamagedRange> take_damage() { return std::exchange(damage_, {}); }

 private:
  std::optional<EntryHead> find_head();
  bool have(std::size_t size);
  std::span<const std::byte> ahead() const { return std::span(buffer_).subspan(at_, filled_ - at_); }

  Feed feed_;
  SegmentNumber segment_;
  Bytes buffer_;
  std::size_t filled_ = 0, at_ = 0;  // in the buffer
  std::uint64_t base_ = 0;           // offset of the buffer's beginning
  std::uint64_t behind_ = 0;
  std::optional<Entry> entry_;
  std::vector<DamagedRange> damage_;
};

}  // namespace millrace
