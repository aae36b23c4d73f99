// SPDX-License-Identifier: Apache-2.0
// Tail: a mapped file of what was appended to a segment and is not in the segment's file yet. It outlives the
// process as that does, and appending to it costs a copy and no call of the kernel. The format stands in
// FORMAT.md beside this.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "journal/segment.hpp"
#include "millrace/base/mapped_file.hpp"

namespace millrace {

struct TailHead;

class Tail {
 public:
  static constexpr std::size_t head_bytes = 64;

  // Holds nothing at first: bring_home() comes before.
  Tail(const Path& folder, std::size_t capacity);

  // Bytes of the segment from offset `begin` on; in two pieces where the ring ends.
  struct Held {
    std::uint64_t begin = 0, end = 0;
    std::array<std::span<const std::byte>, 2> pieces;
  };

  // One thread at a time. What comes is appended to that segment, at `offset`; nothing may be held.
  void begin(SegmentNumber segment, std::uint64_t offset);
  bool takes(std::size_t bytes) const { return bytes <= capacity_ / 4; }
  bool has_room(std::size_t bytes) const;
  void add(std::span<const std::byte> bytes);
  // One thread at a time, beside add().
  Held held() const;
  // The same up to a multiple of a quarter of the ring: offsets, and at a power of two pages, that the file
  // system takes at once. What stays leaves room for all it takes.
  Held held_quarters() const;
  void drop(const Held& held);  // it is in its file

 private:
  TailHead& head() const;
  Held held_up_to(std::uint64_t end) const;

  MappedFile file_;
  std::size_t capacity_;
};

// Writes what a process left in the tail, and its segment's file does not hold, to that, and syncs it. The
// finding, if that cannot be: the machine stopped, or the tail is damaged.
std::optional<JournalFinding> bring_home(const Path& folder);
void remove_tail(const Path& folder);

}  // namespace millrace
