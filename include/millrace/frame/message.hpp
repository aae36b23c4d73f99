// SPDX-License-Identifier: Apache-2.0
// Message: the rows that left the buffer together, in one contiguous block that is sent as it lies:
//
//   u64 sequence | u32 rows | u32 reserved | u64 bytes | row bytes ... | padding to 8 | u64 end of each row
//
// Row r is bytes [end(r-1), end(r)) of the row bytes, without its line end. All bytes are the source's own.
// Where the rows came from stays on rank 0 (Origin, SourcePosition).
#pragma once

#include <cstddef>
#include <cstdint>
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

// Fills one message. Not thread-safe.
class MessageBuilder {
 public:
  MessageBuilder();
  void add_row(std::string_view bytes);
  std::size_t rows() const { return ends_.size(); }
  std::size_t bytes() const;  // row bytes so far
  // The block; the builder is empty again afterwards.
  Bytes finish(std::uint64_t sequence);

 private:
  Bytes block_;
  std::vector<std::uint64_t> ends_;
};

// A view of a block, which must outlive it and be aligned to 8 bytes. Throws std::out_of_range on a block
// that does not hold what it says.
class MessageView {
 public:
  explicit MessageView(std::span<const std::byte> block);
  std::uint64_t sequence() const { return sequence_; }
  std::size_t rows() const { return ends_.size(); }
  std::string_view row(std::size_t row) const {
    const auto begin = row == 0 ? 0 : ends_[row - 1];
    return all_.substr(begin, ends_[row] - begin);
  }
  std::string_view bytes() const { return all_; }

 private:
  std::uint64_t sequence_ = 0;
  std::string_view all_;
  std::span<const std::uint64_t> ends_;
};

}  // namespace millrace
