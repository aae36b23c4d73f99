// SPDX-License-Identifier: Apache-2.0
#include "sink/file_writes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "millrace/codec/chunk_codec.hpp"

namespace millrace {
namespace {

// Writing back starts early, so that the fsync at the end finds little left to do.
constexpr std::uint64_t write_back_bytes = 2u << 20;
constexpr std::size_t most_pieces = 1024;  // IOV_MAX

std::span<const std::byte> bytes_of(const iovec& piece) {
  return {static_cast<const std::byte*>(piece.iov_base), piece.iov_len};
}

// Takes `count` written bytes from the front.
std::span<iovec> behind(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (count == 0) return pieces;
  auto& cut = pieces.front();
  cut = {static_cast<char*>(cut.iov_base) + count, cut.iov_len - count};
  return pieces;
}

}  // namespace

void FileWrites::remember_failure(int error_number) {
  if (error_number_ == 0) error_number_ = error_number;
}

void FileWrites::write(std::uint64_t address, std::span<const std::byte> bytes) {
  const bool waits = bytes.data() == waiting_;
  if (!waits || address != end_ || pieces_.size() == most_pieces) write_pieces();
  add_piece(address, bytes);
  if (!waits || end_ - begin_ >= write_back_bytes) write_pieces();
}

void FileWrites::add_piece(std::uint64_t address, std::span<const std::byte> bytes) {
  if (pieces_.empty()) begin_ = address;
  pieces_.push_back({const_cast<std::byte*>(bytes.data()), bytes.size()});
  end_ = address + bytes.size();
}

void FileWrites::write_gathered() {
  write_pieces();
  waiting_ = nullptr;
}

void FileWrites::write_pieces() {
  if (pieces_.empty()) return;
  std::uint64_t crc = 0;
  for (const auto& piece : pieces_) crc = millrace::crc64(crc, bytes_of(piece));
  checksum_.add(begin_, end_ - begin_, crc);
  auto at = begin_;
  std::span<iovec> left = pieces_;
  while (!left.empty()) {
    const auto count =
        ::pwritev(descriptor_, left.data(), static_cast<int>(left.size()), static_cast<off_t>(at));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      remember_failure(errno);
      break;
    }
    at += static_cast<std::uint64_t>(count);
    left = behind(left, static_cast<std::size_t>(count));
  }
  pieces_.clear();
  write_back(at - begin_);
}

void FileWrites::write_back(std::size_t written) {
  written_since_ += written;
  if (written_since_ < write_back_bytes) return;
  written_since_ = 0;
#ifdef SYNC_FILE_RANGE_WRITE
  ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
}

void FileWrites::resize(std::uint64_t size) {
  write_pieces();
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) remember_failure(errno);
  checksum_.resize(size);
}

}  // namespace millrace
