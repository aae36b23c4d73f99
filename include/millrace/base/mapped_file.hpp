// SPDX-License-Identifier: Apache-2.0
// MappedFile: a file of fixed size as memory. What is stored there outlives the process, however it ends;
// not the machine. Failures throw Error as those of File; some file systems have no such files.
#pragma once

#include <cstddef>
#include <span>

#include "millrace/base/files.hpp"

namespace millrace {

class MappedFile {
 public:
  // The file as it is, made that long; with all its room on the disk, so that storing cannot fail (but on
  // file systems that never write in place, where a full disk then is a SIGBUS).
  MappedFile(const Path& path, std::size_t size);
  MappedFile(MappedFile&&) = delete;
  ~MappedFile();

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace millrace
