// SPDX-License-Identifier: Apache-2.0
#include "journal/entry_cursor.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace millrace {
namespace {

constexpr std::size_t feed_bytes = 256u << 10;

}  // namespace

EntryCursor::EntryCursor(Feed feed, SegmentNumber segment, std::uint64_t offset)
    : feed_(std::move(feed)), segment_(segment), base_(offset), behind_(offset) {}

// Are `size` bytes ahead? Those behind are given up where more are needed.
bool EntryCursor::have(std::size_t size) {
  if (filled_ - at_ >= size) return true;
  if (at_ > 0) std::memmove(buffer_.data(), buffer_.data() + at_, filled_ - at_);
  filled_ -= at_;
  base_ += std::exchange(at_, 0);
  while (filled_ < size) {
    if (filled_ == buffer_.size()) buffer_.resize(std::max(filled_ + feed_bytes, size));
    const auto count = feed_(buffer_.data() + filled_, buffer_.size() - filled_);
    if (count == 0) return false;
    filled_ += count;
  }
  return true;
}

std::optional<EntryHead> EntryCursor::find_head() {
  while (have(entry_head_bytes)) {
    if (const auto head = decode_head(ahead(), segment_)) return head;
    at_ += 1 + find_marker(ahead().subspan(1));
  }
  return std::nullopt;
}

const Entry* EntryCursor::next() {
  while (const auto head = find_head()) {
    if (!have(entry_head_bytes + head->bytes)) return nullptr;
    entry_ = decode_body(*head, ahead().subspan(entry_head_bytes, head->bytes));
    const auto begin = base_ + at_;
    at_ += entry_head_bytes + head->bytes;
    if (!entry_) continue;
    if (begin > behind_) damage_.push_back({behind_, begin});
    behind_ = base_ + at_;
    return &*entry_;
  }
  return nullptr;
}

}  // namespace millrace
