// SPDX-License-Identifier: Apache-2.0
#include "sink/file_checksum.hpp"

#include <algorithm>
#include <limits>

#include "millrace/codec/chunk_codec.hpp"

namespace millrace {
namespace {

// Below this, reading again costs less than keeping count.
constexpr std::uint64_t least_extent = 16u << 10;
constexpr std::size_t buffer_bytes = 256u << 10;

class Reader {
 public:
  explicit Reader(const Path& path) : file_(File::open(path, File::Mode::read)), size_(file_.size()) {}

  std::uint64_t size() const { return size_; }

  // `crc` of what stands before `begin`, carried on to `end`.
  std::uint64_t carry_on(std::uint64_t crc, std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return crc;
    file_.seek(begin);
    buffer_.resize(std::min<std::uint64_t>(buffer_bytes, end - begin));
    while (begin < end) {
      const auto count =
          file_.read_some(buffer_.data(), std::min<std::uint64_t>(buffer_.size(), end - begin));
      if (count == 0) break;
      crc = crc64(crc, std::span(buffer_).first(count));
      begin += count;
    }
    return crc;
  }

 private:
  File file_;
  std::uint64_t size_;
  Bytes buffer_;
};

}  // namespace

void FileChecksum::forget(std::uint64_t begin, std::uint64_t end) {
  auto extent = extents_.lower_bound(begin);
  if (extent != extents_.begin() && std::prev(extent)->first + std::prev(extent)->second.size > begin)
    --extent;
  while (extent != extents_.end() && extent->first < end) extent = extents_.erase(extent);
}

void FileChecksum::add(std::uint64_t address, std::uint64_t size, std::uint64_t crc64) {
  forget(address, address + size);
  if (size >= least_extent) extents_[address] = {size, crc64};
}

void FileChecksum::resize(std::uint64_t size) {
  forget(size, std::numeric_limits<std::uint64_t>::max());
}

std::uint64_t FileChecksum::finish(const Path& path) const {
  Reader reader(path);
  std::uint64_t at = 0, crc = 0;
  for (const auto& [address, extent] : extents_) {
    if (address + extent.size > reader.size()) break;
    crc = crc64_of_both(reader.carry_on(crc, at, address), extent.crc64, extent.size);
    at = address + extent.size;
  }
  return reader.carry_on(crc, at, reader.size());
}

std::uint64_t crc64_of_file(const Path& path) {
  return FileChecksum().finish(path);
}

}  // namespace millrace
