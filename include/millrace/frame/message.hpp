// SPDX-License-Identifier: Apache-2.0
// Message: the rows that left the buffer together, in one contiguous block that is sent as it lies:
//
//   u64 sequence | u32 rows | u32 extents | u64 bytes | bytes ... | padding to 8 | extents | places
//
// What rows consist of is the bytes of the extents, one behind the other, and behind those the bytes of the
// block. An extent's bytes are still in an input file, and whoever decodes the message reads them there
// (whole_message()); each row has a place, u64 begin | u64 bytes in all of this. Rows are the source's own
// bytes, without their line ends. Where they came from stays on rank 0 (Origin, SourcePosition).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "millrace/base/bytes.hpp"

namespace millrace {

// Behind which row of the input a source stands; a source resumes from it. What `part` counts (files, say) is
// the source's own matter.
struct SourcePosition {
  std::uint64_t part = 0;
  std::uint64_t byte = 0;  // offset behind the row in the (decompressed) part
  std::uint64_t line = 0;  // lines of the part before that offset
  std::uint64_t row = 0;   // rows of the whole input so far
  bool operator==(const SourcePosition&) const = default;
};

// Rows from `first_row` on (up to the next Origin's first_row) come from consecutive lines of `part`.
struct Origin {
  std::uint32_t first_row = 0;
  std::uint64_t part = 0;
  std::uint64_t line = 0;  // of first_row, counted from 1
};

// Bytes of the file that is a part of the input.
struct Extent {
  std::uint64_t part = 0, offset = 0, bytes = 0;
  bool operator==(const Extent&) const = default;
};

struct RowPlace {
  std::uint64_t begin, bytes;
};

// Fills one message. Not thread-safe.
class MessageBuilder {
 public:
  MessageBuilder();
  void add_row(std::string_view bytes);
  void add_row(const Extent& row);
  std::size_t rows() const { return places_.size(); }
  std::size_t bytes() const { return row_bytes_; }  // of the rows so far, wherever they are
  // The block; the builder is empty again afterwards.
  Bytes finish(std::uint64_t sequence);

 private:
  void add_place(std::uint64_t begin, std::uint64_t bytes);

  Bytes block_;
  std::vector<RowPlace> places_;
  std::vector<Extent> extents_;
  std::vector<std::uint32_t> in_block_;  // the rows whose bytes are
  std::uint64_t extent_bytes_ = 0;
  std::size_t row_bytes_ = 0;
};

// A view of a block, which must outlive it and be aligned to 8 bytes. Throws std::out_of_range on a block
// that does not hold what it says.
class MessageView {
 public:
  explicit MessageView(std::span<const std::byte> block);
  std::uint64_t sequence() const { return sequence_; }
  std::size_t rows() const { return places_.size(); }
  std::span<const Extent> extents() const { return extents_; }
  // Without extents only.
  std::string_view row(std::size_t row) const {
    return {all_.data() + places_[row].begin, places_[row].bytes};
  }
  std::string_view bytes() const { return all_; }

 private:
  std::uint64_t sequence_ = 0;
  std::string_view all_;
  std::span<const Extent> extents_;
  std::span<const RowPlace> places_;
};

// How many of the bytes are the block that begins them; others may follow. Throws as MessageView does.
std::size_t block_bytes(std::span<const std::byte> blocks);

using ReadExtent = std::function<void(const Extent&, std::span<std::byte> into)>;
// The same message without extents: `block` itself, or `whole`, which is filled then. Damage: as MessageView.
std::span<const std::byte> whole_message(std::span<const std::byte> block, const ReadExtent& read,
                                         Bytes& whole);

}  // namespace millrace
