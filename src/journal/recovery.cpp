// SPDX-License-Identifier: Apache-2.0
#include "journal/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "journal/entry_cursor.hpp"
#include "journal/tail.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"

namespace millrace {
namespace {

using Kind = JournalFinding::Kind;

class Recovery {
 public:
  Recovery(const JournalSettings& settings, JournalPosition committed)
      : folder_(settings.folder), committed_(committed.payload), window_(settings.in_flight_window) {}

  RecoveredJournal run() {
    bring_tail_home();
    auto segments = find_segments(folder_);
    end_ = segments.empty() ? 0 : std::min(segments.front().number, committed_);
    for (const auto& segment : segments) scan(segment, segment.number == segments.back().number);
    if (end_ < committed_) catch_up();
    for (const auto& finding : findings_) log_warning(finding.text);
    return {std::move(kept_), std::move(window_), end_, bounded_, std::move(findings_)};
  }

 private:
  void bring_tail_home();
  bool remove_committed() const;
  void scan(const Segment& segment, bool is_last);
  void apply(const PayloadEntry& entry);
  void apply(const JournalBoundary& boundary);
  void apply(const SessionEntry&) { window_.clear(); }
  // Behind whole segments the window knows that already, and more.
  void apply(const WindowEntry& entry) {
    if (window_.items() != entry.items) window_.restore(entry.items);
  }
  void expect(std::uint64_t position);
  void report_damage(const Segment& segment, DamagedRange range);
  void cut(Segment segment, std::uint64_t whole);
  void catch_up();

  Path folder_;
  std::uint64_t committed_, end_ = 0, bounded_ = 0;
  DeliveryWindow window_;
  std::vector<Segment> kept_;
  std::vector<JournalFinding> findings_;
  Path at_file_;  // of the entry looked at
  std::uint64_t at_offset_ = 0;
};

void Recovery::bring_tail_home() {
  std::optional<JournalFinding> finding;
  try {
    finding = bring_home(folder_);
  } catch (const Error& error) {
    if (error.code() != ExitCode::no_space || !remove_committed()) throw;
    finding = bring_home(folder_);
  }
  if (finding) findings_.push_back(std::move(*finding));
}

// Those that a trim would remove, which the disk has no room for; false if there is none.
bool Recovery::remove_committed() const {
  const auto segments = find_segments(folder_);
  std::size_t at = 0;
  for (; at + 1 < segments.size() && segments[at + 1].number <= committed_; ++at)
    std::filesystem::remove(segments[at].path);
  return at > 0;
}

void Recovery::scan(const Segment& segment, bool is_last) {
  auto file = File::open(segment.path, File::Mode::read);
  const std::uint64_t begin = has_segment_header(file, segment.number) ? segment_header_bytes : 0;
  file.seek(begin);
  EntryCursor cursor([&](void* into, std::size_t size) { return file.read_some(into, size); }, segment.number,
                     begin);
  at_file_ = segment.path;
  at_offset_ = begin;
  expect(segment.number);
  while (const auto* entry = cursor.next()) {
    for (const auto& range : cursor.take_damage()) report_damage(segment, range);
    std::visit([&](const auto& kind) { apply(kind); }, *entry);
    at_offset_ = cursor.offset();
  }
  if (cursor.offset() == segment.bytes && segment.bytes > 0)
    kept_.push_back(segment);
  else if (is_last)
    cut(segment, cursor.offset());
  else {
    report_damage(segment, {cursor.offset(), segment.bytes});
    kept_.push_back(segment);
  }
}

void Recovery::apply(const PayloadEntry& entry) {
  expect(entry.number);
  if (entry.number < end_) return;
  end_ = entry.number + 1;
  window_.add(entry.delivery, entry.hash);
  window_.keep();
}

void Recovery::apply(const JournalBoundary& boundary) {
  expect(boundary.behind.payload);
  bounded_ = std::max(bounded_, boundary.behind.payload);
}

// All payloads before `position` were appended before what is looked at now.
void Recovery::expect(std::uint64_t position) {
  const auto first = std::max(end_, committed_);
  end_ = std::max(end_, position);
  if (position <= first) return;
  findings_.push_back({Kind::lost, at_file_, at_offset_, 0,
                       fmt::format("{}: at byte {}: payloads {} to {}, which were acknowledged, are missing",
                                   at_file_.string(), at_offset_, first, position - 1)});
}

void Recovery::report_damage(const Segment& segment, DamagedRange range) {
  const auto bytes = range.end - range.begin;
  findings_.push_back({Kind::damage, segment.path, range.begin, bytes,
                       fmt::format("{}: {} bytes are damaged from byte {} on, and left out",
                                   segment.path.string(), bytes, range.begin)});
}

void Recovery::cut(Segment segment, std::uint64_t whole) {
  const auto bytes = segment.bytes - whole;
  findings_.push_back({Kind::torn_tail, segment.path, whole, bytes,
                       fmt::format("{}: the last {} bytes, from byte {} on, were cut off while they were "
                                   "written, or damaged; they are dropped",
                                   segment.path.string(), bytes, whole)});
  if (whole == 0) {
    std::filesystem::remove(segment.path);
    return;
  }
  auto file = File::open(segment.path, File::Mode::update);
  file.truncate(whole);
  file.sync();
  segment.bytes = whole;
  kept_.push_back(std::move(segment));
}

void Recovery::catch_up() {
  findings_.push_back({Kind::behind_commit, folder_, 0, 0,
                       fmt::format("{}: ends at payload {}, before {}, up to which the sink committed; the "
                                   "next payload gets that number",
                                   folder_.string(), end_, committed_)});
  end_ = committed_;
}

}  // namespace

RecoveredJournal recover_journal(const JournalSettings& settings, JournalPosition committed) {
  return Recovery(settings, committed).run();
}

}  // namespace millrace
