// SPDX-License-Identifier: Apache-2.0
// Writes to a file at any addresses, for HDF5's driver: the first failure is remembered and the checksum is
// kept. Pieces that follow one another can be gathered into one system call: a file system puts 2 MB into a
// few large folios, where columns of 64 KB that do not begin at a multiple of that cost it twice to three
// times the time (7 % of a fast run).
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <vector>

#include "sink/file_checksum.hpp"

namespace millrace {

class FileWrites {
 public:
  // Of the file that is written from now on; it is not closed here.
  void use(int descriptor) { descriptor_ = descriptor; }
  void write(std::uint64_t address, std::span<const std::byte> bytes);
  void resize(std::uint64_t size);
  // The bytes that begin at `bytes` stay as they are until write_gathered(), so writing them may wait till
  // then. HDF5 also writes from memory of its own, as raw data even, and frees it when it likes.
  void let_wait(const std::byte* bytes) { waiting_ = bytes; }
  void write_gathered();
  void remember_failure(int error_number);
  int error_number() const { return error_number_; }  // of the first that failed
  std::uint64_t crc64(const Path& path) const { return checksum_.finish(path); }

 private:
  void add_piece(std::uint64_t address, std::span<const std::byte> bytes);
  void write_pieces();
  void write_back(std::size_t written);

  int descriptor_ = -1, error_number_ = 0;
  FileChecksum checksum_;
  const std::byte* waiting_ = nullptr;
  std::vector<iovec> pieces_;  // without a gap between them
  std::uint64_t begin_ = 0, end_ = 0;
  std::uint64_t written_since_ = 0;
};

// What waits is written as it goes.
class GatheredWrites {
 public:
  explicit GatheredWrites(FileWrites& writes) : writes_(writes) {}
  GatheredWrites(const GatheredWrites&) = delete;
  GatheredWrites& operator=(const GatheredWrites&) = delete;
  ~GatheredWrites() { writes_.write_gathered(); }

 private:
  FileWrites& writes_;
};

}  // namespace millrace
