// SPDX-License-Identifier: Apache-2.0
#include "journal/segment_appender.hpp"

#include <algorithm>
#include <utility>

#include "millrace/base/error.hpp"

namespace millrace {

SegmentAppender::SegmentAppender(const JournalSettings& settings, SegmentList& segments)
    : settings_(settings), segments_(segments) {
  const auto capacity = std::min<std::uint64_t>(settings.tail_bytes, settings.max_bytes / 16);
  if (settings.durability == Durability::power || capacity == 0) {
    remove_tail(settings.folder);
    return;
  }
  tail_.emplace(settings.folder, capacity);
  tail_bytes_ = Tail::head_bytes + capacity;
}

SegmentAppender::~SegmentAppender() {
  try {
    flush();
  } catch (const Error&) {  // it stays in the tail, for the next start
  }
}

void SegmentAppender::go_on() {
  const auto segment = segments_.holding(segments_.last());
  const std::lock_guard lock(mutex_);
  open(segment);
}

void SegmentAppender::go_on_in(Segment segment) {
  const std::lock_guard lock(mutex_);
  open(segment);
  segments_.push(std::move(segment));
}

void SegmentAppender::open(const Segment& segment) {
  file_ = File::open(segment.path, File::Mode::update);
  if (tail_) tail_->begin(segment.number, segment.bytes);
  end_ = segment.bytes;
}

void SegmentAppender::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  step("append");
  if (tail_ && tail_->takes(bytes.size()))
    stage(bytes);
  else
    write_through(bytes);
  end_ += bytes.size();
  segments_.grow(bytes.size());
}

void SegmentAppender::stage(std::span<const std::byte> bytes) {
  if (!tail_->has_room(bytes.size())) flush();
  tail_->add(bytes);
  step("written");
}

void SegmentAppender::write_through(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  flush_locked();
  try {
    file_.write_all_at(bytes, end_);
  } catch (...) {
    take_back();
    throw;
  }
  step("written");
  if (settings_.durability == Durability::power) {
    is_in_doubt_ = true;  // after a failed sync nobody knows what is on disk
    file_.sync();
    is_in_doubt_ = false;
    step("synced");
  }
  if (tail_) tail_->begin(segments_.last(), end_ + bytes.size());
  segments_.publish(bytes.size());
}

void SegmentAppender::take_back() {
  is_in_doubt_ = true;
  file_.truncate(end_);
  is_in_doubt_ = false;
}

bool SegmentAppender::flush() {
  const std::lock_guard lock(mutex_);
  return flush_locked();
}

bool SegmentAppender::flush_locked() {
  if (!tail_) return false;
  const auto held = tail_->held();
  if (held.begin == held.end) return false;
  step("flush");
  auto at = held.begin;
  for (const auto piece : held.pieces) {
    file_.write_all_at(piece, at);
    at += piece.size();
  }
  tail_->drop(held);
  segments_.publish(held.end - held.begin);
  step("flushed");
  return true;
}

}  // namespace millrace
