// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/message.hpp"

#include <stdexcept>

namespace millrace {
namespace {

struct BlockHeader {
  std::uint64_t sequence;
  std::uint32_t rows;
  std::uint32_t reserved;
  std::uint64_t bytes;
};
static_assert(sizeof(BlockHeader) == 24);

std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

[[noreturn]] void refuse() {
  throw std::out_of_range("damaged message block");
}

}  // namespace

MessageBuilder::MessageBuilder() {
  block_.resize(sizeof(BlockHeader));
}

std::size_t MessageBuilder::bytes() const {
  return block_.size() - sizeof(BlockHeader);
}

void MessageBuilder::add_row(std::string_view bytes) {
  ByteWriter(block_).raw(bytes.data(), bytes.size());
  ends_.push_back(block_.size() - sizeof(BlockHeader));
}

Bytes MessageBuilder::finish(std::uint64_t sequence) {
  const BlockHeader header{sequence, static_cast<std::uint32_t>(ends_.size()), 0, bytes()};
  std::memcpy(block_.data(), &header, sizeof header);
  block_.resize(padded(block_.size()), std::byte{0});
  ByteWriter(block_).raw(ends_.data(), ends_.size() * sizeof(ends_[0]));
  Bytes whole;
  whole.reserve(block_.size() + block_.size() / 8);  // the next message will be much like this one
  whole.resize(sizeof(BlockHeader));
  std::swap(whole, block_);
  ends_.clear();
  return whole;
}

MessageView::MessageView(std::span<const std::byte> block) {
  ByteReader reader(block);
  const auto header = reader.value<BlockHeader>();
  if (header.bytes > reader.left()) refuse();
  all_ = {reinterpret_cast<const char*>(reader.take(header.bytes)), header.bytes};
  reader.take(padded(header.bytes) - header.bytes);
  const auto size = header.rows * sizeof(std::uint64_t);
  ends_ = {reinterpret_cast<const std::uint64_t*>(reader.take(size)), header.rows};
  sequence_ = header.sequence;
  std::uint64_t before = 0;
  for (const auto end : ends_) {
    if (end < before || end > header.bytes) refuse();
    before = end;
  }
}

}  // namespace millrace
