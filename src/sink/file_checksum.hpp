// SPDX-License-Identifier: Apache-2.0
// CRC-64/XZ of a file that is written at any addresses, taken while the bytes are still in the core's cache:
// reading a segment again at its commit cost 6 % of a fast run. What was written in small pieces is read
// again at the end.
#pragma once

#include <cstdint>
#include <map>

#include "millrace/base/files.hpp"

namespace millrace {

class FileChecksum {
 public:
  // Bytes of this checksum were written at `address`, over whatever stood there.
  void add(std::uint64_t address, std::uint64_t size, std::uint64_t crc64);
  // The file was cut to this size, or made longer by a hole.
  void resize(std::uint64_t size);
  // Of the whole file, which is not written to any more.
  std::uint64_t finish(const Path& path) const;

 private:
  struct Extent {
    std::uint64_t size, crc64;
  };
  void forget(std::uint64_t begin, std::uint64_t end);

  std::map<std::uint64_t, Extent> extents_;  // by address; they do not overlap
};

std::uint64_t crc64_of_file(const Path& path);

}  // namespace millrace
