// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/message.hpp"

#include <limits>
#include <stdexcept>

namespace millrace {
namespace {

struct BlockHeader {
  std::uint64_t sequence;
  std::uint32_t rows, extents;
  std::uint64_t bytes;
};
static_assert(sizeof(BlockHeader) == 24 && sizeof(Extent) == 24 && sizeof(RowPlace) == 16);

constexpr std::uint64_t most_bytes = std::numeric_limits<std::int64_t>::max() / 4;  // no sum overflows
// A line end; what is further apart is two extents.
constexpr std::uint64_t widest_gap = 2;
constexpr std::size_t padding = 8;

std::size_t padded(std::size_t size) {
  return (size + padding - 1) / padding * padding;
}

[[noreturn]] void refuse() {
  throw std::out_of_range("damaged message block");
}

template <class T>
std::span<const T> take(ByteReader& reader, std::size_t count) {
  return {reinterpret_cast<const T*>(reader.take(count * sizeof(T))), count};
}

template <class T>
void put(ByteWriter& out, std::span<const T> values) {
  out.raw(values.data(), values.size_bytes());
}

std::uint64_t bytes_of(std::span<const Extent> extents) {
  std::uint64_t bytes = 0;
  for (const auto& extent : extents) {
    if (extent.bytes > most_bytes - bytes) refuse();
    bytes += extent.bytes;
  }
  return bytes;
}

bool continues(const Extent& extent, const Extent& row) {
  const auto end = extent.offset + extent.bytes;
  return extent.part == row.part && row.offset >= end && row.offset - end <= widest_gap;
}

}  // namespace

MessageBuilder::MessageBuilder() {
  block_.resize(sizeof(BlockHeader));
}

void MessageBuilder::add_row(std::string_view bytes) {
  const auto begin = block_.size() - sizeof(BlockHeader);
  in_block_.push_back(static_cast<std::uint32_t>(rows()));
  add_place(begin, bytes.size());
  ByteWriter(block_).raw(bytes.data(), bytes.size());
}

void MessageBuilder::add_row(const Extent& row) {
  if (extents_.empty() || !continues(extents_.back(), row)) extents_.push_back({row.part, row.offset, 0});
  auto& extent = extents_.back();
  const auto more = row.offset + row.bytes - extent.offset - extent.bytes;
  add_place(extent_bytes_ + more - row.bytes, row.bytes);
  extent.bytes += more;
  extent_bytes_ += more;
}

void MessageBuilder::add_place(std::uint64_t begin, std::uint64_t bytes) {
  places_.push_back({begin, bytes});
  row_bytes_ += bytes;
}

Bytes MessageBuilder::finish(std::uint64_t sequence) {
  const BlockHeader header{sequence, static_cast<std::uint32_t>(rows()),
                           static_cast<std::uint32_t>(extents_.size()), block_.size() - sizeof(BlockHeader)};
  std::memcpy(block_.data(), &header, sizeof header);
  for (const auto row : in_block_) places_[row].begin += extent_bytes_;
  block_.resize(padded(block_.size()), std::byte{0});
  ByteWriter out(block_);
  put<Extent>(out, extents_);
  put<RowPlace>(out, places_);
  MessageBuilder next;
  next.block_.reserve(block_.size() + block_.size() / 8);  // the next message will be much like this one
  next.places_.reserve(places_.size());
  std::swap(*this, next);
  return std::move(next.block_);
}

MessageView::MessageView(std::span<const std::byte> block) {
  ByteReader reader(block);
  const auto header = reader.value<BlockHeader>();
  if (header.bytes > reader.left()) refuse();
  all_ = {reinterpret_cast<const char*>(reader.take(header.bytes)), header.bytes};
  reader.take(padded(header.bytes) - header.bytes);
  extents_ = take<Extent>(reader, header.extents);
  places_ = take<RowPlace>(reader, header.rows);
  sequence_ = header.sequence;
  const auto end = bytes_of(extents_) + header.bytes;
  bool all_inside = true;
  for (const auto place : places_)
    all_inside = all_inside && place.begin <= end && place.bytes <= end - place.begin;
  if (!all_inside) refuse();
}

std::size_t block_bytes(std::span<const std::byte> blocks) {
  ByteReader reader(blocks);
  const auto header = reader.value<BlockHeader>();
  if (header.bytes > reader.left()) refuse();
  reader.take(padded(header.bytes));
  take<Extent>(reader, header.extents);
  take<RowPlace>(reader, header.rows);
  return blocks.size() - reader.left();
}

std::span<const std::byte> whole_message(std::span<const std::byte> block, const ReadExtent& read,
                                         Bytes& whole) {
  const MessageView message(block);
  if (message.extents().empty()) return block;
  BlockHeader header;
  std::memcpy(&header, block.data(), sizeof header);
  const auto from_files = bytes_of(message.extents());
  const auto* const places =
      block.data() + sizeof header + padded(header.bytes) + message.extents().size_bytes();
  whole.clear();
  whole.reserve(block.size() + from_files + padding);
  whole.resize(sizeof header + from_files);
  auto at = sizeof header;
  for (const auto& extent : message.extents()) {
    read(extent, std::span(whole).subspan(at, extent.bytes));
    at += extent.bytes;
  }
  ByteWriter out(whole);
  out.raw(block.data() + sizeof header, header.bytes);
  header.bytes += from_files;
  header.extents = 0;
  std::memcpy(whole.data(), &header, sizeof header);
  whole.resize(padded(whole.size()), std::byte{0});
  out.raw(places, header.rows * sizeof(RowPlace));
  return whole;
}

}  // namespace millrace
