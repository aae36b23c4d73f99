// SPDX-License-Identifier: Apache-2.0
#include "journal/segment_appender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"

namespace millrace {

SegmentAppender::SegmentAppender(const JournalSettings& settings, SegmentList& segments,
                                 std::uint64_t reserved)
    : settings_(settings), segments_(segments) {
  const auto capacity = std::min<std::uint64_t>(settings.tail_bytes, settings.max_bytes / 16);
  const bool has_room = segments.bytes() + reserved + Tail::head_bytes + capacity <= settings.max_bytes;
  if (settings.durability == Durability::process && capacity > 0 && has_room) make_tail(capacity);
  if (tail_) return;
  remove_tail(settings.folder);
  // It must not come back when other bytes stand where it belongs.
  if (settings.durability == Durability::power) sync_path(settings.folder);
}

void SegmentAppender::make_tail(std::size_t capacity) {
  try {
    tail_.emplace(settings_.folder, capacity);
    tail_bytes_ = Tail::head_bytes + capacity;
  } catch (const Error& error) {
    log_warning(fmt::format("{}: each entry is written to its file at once, which is slower", error.what()));
  }
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

void SegmentAppender::flush() {
  const std::lock_guard lock(mutex_);
  flush_locked();
}

void SegmentAppender::flush_locked() {
  if (!tail_) return;
  const auto held = tail_->held();
  if (held.begin == held.end) return;
  step("flush");
  auto at = held.begin;
  for (const auto piece : held.pieces) {
    file_.write_all_at(piece, at);
    at += piece.size();
  }
  step("flush written");
  tail_->drop(held);
  segments_.publish(held.end - held.begin);
  step("flushed");
}

}  // namespace millrace
