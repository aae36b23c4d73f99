// SPDX-License-Identifier: Apache-2.0
#include "journal/segment_appender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"

namespace millrace {
namespace {

// Blocks that are there make a write of 64 KiB and more a quarter cheaper (ext4, tests/bench/bench_journal).
constexpr std::uint64_t reserved_at_once = 1 << 20;

}  // namespace

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
    finish();
  } catch (const Error&) {  // it stays in the tail, for the next start
  }
}

void SegmentAppender::go_on() {
  const auto segment = segments_.holding(segments_.last());
  const std::lock_guard lock(mutex_);
  open(segment);
  file_.truncate(end_);  // what a process that was killed had reserved
}

void SegmentAppender::go_on_in(Segment segment) {
  const std::lock_guard lock(mutex_);
  open(segment);
  segments_.push(std::move(segment));
}

void SegmentAppender::open(const Segment& segment) {
  file_ = File::open(segment.path, File::Mode::update);
  if (tail_) tail_->begin(segment.number, segment.bytes);
  end_ = reserved_ = segment.bytes;
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
  if (!tail_->has_room(bytes.size())) {
    const std::lock_guard lock(mutex_);
    flush_locked(tail_->held_quarters());
  }
  tail_->add(bytes);
  step("written");
}

void SegmentAppender::write_through(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  if (tail_) flush_locked(tail_->held());
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
  reserved_ = end_;
  is_in_doubt_ = false;
}

void SegmentAppender::flush() {
  if (!tail_) return;
  const std::lock_guard lock(mutex_);
  flush_locked(tail_->held());
}

void SegmentAppender::finish() {
  flush();
  if (reserved_ > end_) file_.truncate(end_);
  reserved_ = end_;
}

void SegmentAppender::flush_locked(const Tail::Held& held) {
  if (held.begin == held.end) return;
  step("flush");
  reserve(held);
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

// Not beyond max_bytes.
void SegmentAppender::reserve(const Tail::Held& held) {
  if (held.end <= reserved_) return;
  const auto begin = std::max(held.begin, reserved_), used = segments_.bytes() + tail_bytes_;
  reserved_ =
      held.end + std::min(reserved_at_once, settings_.max_bytes - std::min(settings_.max_bytes, used));
  file_.reserve(begin, reserved_ - begin);
}

}  // namespace millrace
