// SPDX-License-Identifier: Apache-2.0
#include "millrace/journal/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "journal/entry.hpp"
#include "journal/reader.hpp"
#include "journal/recovery.hpp"
#include "journal/segment.hpp"
#include "journal/segment_appender.hpp"
#include "millrace/base/error.hpp"

namespace millrace {
namespace {

class SegmentedJournal : public Journal {
 public:
  SegmentedJournal(JournalSettings settings, FileLock lock, RecoveredJournal found,
                   JournalPosition committed);

  const std::vector<JournalFinding>& findings() const override { return findings_; }
  Appended append(const Delivery& delivery) override { return append(std::span(&delivery, 1)).front(); }
  std::vector<Appended> append(std::span<const Delivery> deliveries) override;
  void append(const JournalBoundary& boundary) override;
  void begin_session() override;
  void resume_session() override;
  std::unique_ptr<JournalReader> read(JournalPosition position) const override {
    return make_journal_reader(segments_, findings_, position, [this] { appender_.flush(); });
  }
  JournalPosition begin() const override { return {segments_.first()}; }
  JournalPosition end() const override;
  void trim(JournalPosition committed) override;
  std::uint64_t bytes() const override { return segments_.bytes() + appender_.tail_bytes(); }
  bool is_above_high_mark() const override { return occupied() >= settings_.max_bytes / 4 * 3; }
  bool is_below_low_mark() const override { return occupied() <= settings_.max_bytes / 2; }

 private:
  void step(std::string_view name) const {
    if (settings_.on_step) settings_.on_step(name);
  }
  void check_usable() const;
  // What boundaries to come will take is spoken for.
  std::uint64_t occupied() const { return bytes() + unbounded_ * boundary_entry_bytes; }
  void note_unbounded() { unbounded_ = end_ - std::max(bounded_, committed_); }
  bool has_room(std::uint64_t bytes, std::uint64_t payloads) const;
  bool needs_segment(std::uint64_t bytes) const;
  Appended encode(const Delivery& delivery, std::uint64_t& end);
  void begin_segment();
  void write_part(const Path& part) const;
  void give_back_last();
  void remove_first();

  const JournalSettings settings_;
  const FileLock lock_;
  std::vector<JournalFinding> findings_;
  SegmentList segments_;

  mutable std::mutex mutex_;  // of what follows
  DeliveryWindow window_;
  mutable SegmentAppender appender_;  // its flush() apart
  std::uint64_t end_, bounded_, committed_ = 0;
  Bytes block_;
  bool is_failed_ = false;
  std::atomic<std::uint64_t> unbounded_ = 0;  // payloads whose boundary is to come
};

std::uint64_t checked_entry_bytes(const Delivery& delivery) {
  if (delivery.payload.size() > longest_payload || delivery.topic.size() > longest_topic)
    throw Error(ExitCode::failed,
                fmt::format("a payload of {} bytes under a topic of {} is no MQTT publication",
                            delivery.payload.size(), delivery.topic.size()));
  return payload_entry_bytes(delivery);
}

// What has to fit behind payloads: their boundaries, a session and the beginnings of two segments, that which
// they may begin and that which a trim may.
std::uint64_t reserved_bytes(const JournalSettings& settings, std::uint64_t payloads) {
  const auto segment_begin = segment_header_bytes + window_entry_bytes(settings.in_flight_window);
  return payloads * boundary_entry_bytes + session_entry_bytes + 2 * segment_begin;
}

bool begins_anew(const RecoveredJournal& found) {
  const auto& findings = found.findings;
  return found.segments.empty() || std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
           return finding.kind == JournalFinding::Kind::behind_commit;
         });
}

SegmentedJournal::SegmentedJournal(JournalSettings settings, FileLock lock, RecoveredJournal found,
                                   JournalPosition committed)
    : settings_(std::move(settings)),
      lock_(std::move(lock)),
      segments_(found.segments),
      window_(std::move(found.window)),
      appender_(settings_, segments_,
                reserved_bytes(settings_,
                               found.end - std::max(found.bounded, std::min(found.end, committed.payload)))),
      end_(found.end),
      bounded_(found.bounded) {
  if (begins_anew(found))
    begin_segment();
  else
    appender_.go_on();
  findings_ = std::move(found.findings);
}

void SegmentedJournal::check_usable() const {
  if (is_failed_ || appender_.is_in_doubt())
    throw Error(ExitCode::failed, fmt::format("{}: failed before, so that what is on disk is in doubt: it "
                                              "has to be opened again",
                                              settings_.folder.string()));
}

JournalPosition SegmentedJournal::end() const {
  const std::lock_guard lock(mutex_);
  return {end_};
}

bool SegmentedJournal::has_room(std::uint64_t bytes, std::uint64_t payloads) const {
  const auto needed = bytes + reserved_bytes(settings_, payloads);
  if (needed + appender_.tail_bytes() > settings_.max_bytes)
    throw Error(ExitCode::failed,
                fmt::format("{}: {} bytes of payloads do not fit into a journal of {}: raise "
                            "journal_max_bytes",
                            settings_.folder.string(), bytes, settings_.max_bytes));
  return occupied() + needed <= settings_.max_bytes;
}

bool SegmentedJournal::needs_segment(std::uint64_t bytes) const {
  const auto most = std::min(settings_.segment_bytes, settings_.max_bytes / 8);
  return end_ > segments_.last() && appender_.end() + bytes > most;
}

std::vector<Appended> SegmentedJournal::append(std::span<const Delivery> deliveries) {
  const std::lock_guard lock(mutex_);
  check_usable();
  std::uint64_t bytes = 0;
  for (const auto& delivery : deliveries) bytes += checked_entry_bytes(delivery);
  if (!has_room(bytes, deliveries.size())) give_back_last();
  if (!has_room(bytes, deliveries.size())) return {deliveries.size(), Appended::full};
  if (needs_segment(bytes)) begin_segment();
  std::vector<Appended> outcome;
  outcome.reserve(deliveries.size());
  block_.clear();
  auto end = end_;
  try {
    for (const auto& delivery : deliveries) outcome.push_back(encode(delivery, end));
    appender_.append(block_);
  } catch (...) {
    window_.undo();
    throw;
  }
  window_.keep();
  end_ = end;
  note_unbounded();
  return outcome;
}

Appended SegmentedJournal::encode(const Delivery& delivery, std::uint64_t& end) {
  const auto hash = payload_hash(delivery.payload);
  if (window_.is_redelivery(delivery, hash)) return Appended::redelivery;
  encode_entry(PayloadEntry{delivery, end++, hash}, segments_.last(), block_);
  window_.add(delivery, hash);
  return Appended::kept;
}

void SegmentedJournal::append(const JournalBoundary& boundary) {
  const std::lock_guard lock(mutex_);
  check_usable();
  const auto behind = boundary.behind.payload;
  if (boundary.payloads == 0 || behind > end_ || behind < bounded_ + boundary.payloads)
    throw std::logic_error(
        fmt::format("a boundary behind payload {} of {} payloads, after one behind {}, in a "
                    "journal that ends at {}",
                    behind, boundary.payloads, bounded_, end_));
  block_.clear();
  encode_entry(boundary, segments_.last(), block_);
  step("boundary");
  appender_.append(block_);
  step("boundary written");
  bounded_ = behind;
  note_unbounded();
}

void SegmentedJournal::begin_session() {
  const std::lock_guard lock(mutex_);
  check_usable();
  if (!window_.empty()) {
    block_.clear();
    encode_entry(SessionEntry{}, segments_.last(), block_);
    appender_.append(block_);
  }
  window_.clear();
}

void SegmentedJournal::resume_session() {
  const std::lock_guard lock(mutex_);
  window_.resume();
}

void SegmentedJournal::begin_segment() {
  appender_.finish();
  const auto path = segment_path(settings_.folder, end_);
  const Path part = path.string() + ".part";
  block_ = encode_segment_header(end_);
  encode_entry(WindowEntry{window_.items()}, end_, block_);
  try {
    write_part(part);
    if (std::rename(part.c_str(), path.c_str()) != 0) throw_errno(path.string(), errno);
  } catch (...) {
    std::remove(part.c_str());
    throw;
  }
  is_failed_ = true;  // an older segment must not grow beside it
  if (settings_.durability == Durability::power) sync_path(settings_.folder);
  appender_.go_on_in({end_, path, block_.size()});
  is_failed_ = false;
  step("segment begun");
}

void SegmentedJournal::write_part(const Path& part) const {
  step("segment");
  auto file = File::open(part, File::Mode::write_new);
  file.write_all(block_);
  if (settings_.durability == Durability::power) file.sync();
  step("segment written");
}

void SegmentedJournal::trim(JournalPosition committed) {
  const std::lock_guard lock(mutex_);
  if (committed.payload > end_)
    throw std::logic_error(
        fmt::format("position {} was committed of a journal that ends at {}", committed.payload, end_));
  committed_ = std::max(committed_, committed.payload);
  note_unbounded();
  while (segments_.first() != segments_.last() && segments_.after(segments_.first()).number <= committed_)
    remove_first();
  if (!is_below_low_mark()) give_back_last();
}

// The segment that is written to, if all of it is committed.
void SegmentedJournal::give_back_last() {
  if (committed_ < end_ || segments_.last() == end_) return;
  check_usable();
  begin_segment();
  remove_first();
}

void SegmentedJournal::remove_first() {
  const auto path = segment_path(settings_.folder, segments_.first());
  step("trim");
  if (std::remove(path.c_str()) != 0 && errno != ENOENT) throw_errno(path.string(), errno);
  segments_.remove_first();
  step("trimmed");
}

void refuse_small(const JournalSettings& settings) {
  const auto least = 16 * (segment_header_bytes + window_entry_bytes(settings.in_flight_window));
  if (settings.max_bytes < least)
    throw Error(ExitCode::project_refused,
                fmt::format("journal_max_bytes is {}; an in-flight window of {} needs at least {}",
                            settings.max_bytes, settings.in_flight_window, least));
}

FileLock occupy(const JournalSettings& settings) {
  if (settings.durability == Durability::power)
    create_folders_durably(settings.folder);
  else
    create_folders(settings.folder);
  const auto path = settings.folder / "lock";
  auto lock = FileLock::take(path, settings.lock_wait_s);
  if (!lock)
    throw Error(ExitCode::project_refused,
                fmt::format("{}: the journal is in use by process {}, which holds {}",
                            settings.folder.string(), FileLock::holder(path), path.string()));
  return std::move(*lock);
}

}  // namespace

std::unique_ptr<Journal> Journal::open(const JournalSettings& settings, JournalPosition committed) {
  refuse_small(settings);
  try {
    auto lock = occupy(settings);
    auto found = recover_journal(settings, committed);
    auto journal = std::make_unique<SegmentedJournal>(settings, std::move(lock), std::move(found), committed);
    journal->trim(committed);
    return journal;
  } catch (const std::filesystem::filesystem_error& error) {
    throw_errno(error.path1().string(), error.code().value());
  }
}

}  // namespace millrace
