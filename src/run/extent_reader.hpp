// SPDX-License-Identifier: Apache-2.0
// Reads what messages leave in the files of the input, so that their bytes need not pass through rank 0.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/files.hpp"
#include "millrace/frame/message.hpp"
#include "millrace/source/source.hpp"

namespace millrace {

// One thread at a time. Keeps one file open. Error (failed): a file is gone, or was changed since rank 0
// began.
class ExtentReader {
 public:
  explicit ExtentReader(std::vector<InputPart> parts) : parts_(std::move(parts)) {}
  // Are they all here, the same files as for rank 0? False where there are none.
  bool finds_all() const;
  // The message without extents, valid until the next call: `block` itself, or this reader's copy.
  std::span<const std::byte> whole(std::span<const std::byte> block);
  Bytes take_whole(std::span<const std::byte> block);

 private:
  void read(const Extent& extent, std::span<std::byte> into);
  void open(std::size_t part);
  void check(std::size_t part) const;
  bool is_ahead(const Extent& extent) const;
  void read_ahead(const Extent& extent);

  std::vector<InputPart> parts_;
  std::size_t open_part_ = 0;
  File file_;
  Bytes ahead_;  // bytes of the open part, for small extents that follow one another
  std::uint64_t ahead_offset_ = 0;
  Bytes whole_;
};

}  // namespace millrace
