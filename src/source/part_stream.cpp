// SPDX-License-Identifier: Apache-2.0
#include "source/part_stream.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr std::size_t compressed_block = 256 * 1024;

}  // namespace

Compression compression_of_file(const std::string& name) {
  std::array<std::byte, 4> first{};
  auto file = File::open(name, File::Mode::read);
  const auto count = file.read_some(first.data(), first.size());
  return compression_of(std::span(first).first(count));
}

PartStream::PartStream(const std::string& name, std::shared_ptr<StandardInput> standard_input)
    : name_(name), standard_input_(std::move(standard_input)) {
  if (name_ == "-") return;
  const auto compression = compression_of_file(name_);
  file_ = File::open(name_, File::Mode::read);
  if (compression == Compression::none) return;
  decompressor_ = make_decompressor(compression);
  compressed_.resize(compressed_block);
}

std::size_t PartStream::read(char* into, std::size_t size) {
  if (!file_) return read_standard_input(into, size);
  return decompressor_ ? read_compressed(into, size) : file_.read_some(into, size);
}

std::size_t PartStream::read_standard_input(char* into, std::size_t size) {
  auto& taken = standard_input_->taken;
  if (replayed_ < taken.size()) {
    const auto count = std::min(size, taken.size() - replayed_);
    std::memcpy(into, taken.data() + replayed_, count);
    replayed_ += count;
    return count;
  }
  for (;;) {
    const auto count = ::read(STDIN_FILENO, into, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("standard input", errno);
    const auto got = static_cast<std::size_t>(count);
    if (standard_input_->recording) taken.append(into, got);
    replayed_ += standard_input_->recording ? got : 0;
    return got;
  }
}

std::size_t PartStream::read_compressed(char* into, std::size_t size) {
  const auto out = std::as_writable_bytes(std::span(into, size));
  for (;;) {
    if (begin_ == end_ && !input_ended_) {
      begin_ = 0;
      end_ = file_.read_some(compressed_.data(), compressed_.size());
      input_ended_ = end_ == 0;
    }
    const auto progress = decompressor_->step(std::span(compressed_).subspan(begin_, end_ - begin_), out);
    begin_ += progress.consumed;
    if (progress.produced > 0) return progress.produced;
    if (input_ended_ && progress.consumed == 0) break;
  }
  if (!decompressor_->at_end()) throw Error(ExitCode::failed, name_ + ": the compressed file is cut off");
  return 0;
}

void PartStream::skip(std::uint64_t offset) {
  if (is_plain_file()) return file_.seek(offset);
  std::string over(1 << 20, '\0');
  while (offset > 0) {
    const auto count = read(over.data(), std::min<std::uint64_t>(offset, over.size()));
    if (count == 0)
      throw Error(ExitCode::failed, name_ + ": shorter than what an earlier run has read of it");
    offset -= count;
  }
}

}  // namespace millrace
