// SPDX-License-Identifier: Apache-2.0
#include "journal/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "journal/entry_cursor.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"

namespace millrace {
namespace {

class SegmentReader : public JournalReader {
 public:
  SegmentReader(const SegmentList& segments, const std::vector<JournalFinding>& known,
                JournalPosition position, Flush flush)
      : segments_(segments), known_(known), position_(position.payload), flush_(std::move(flush)) {
    open_holding();
  }

  bool next(JournalPayload& payload) override;
  bool next(JournalBoundary& boundary) override;

 private:
  const Entry* next_entry();
  void open_holding();
  void open(const Segment& segment);
  std::size_t read(void* into, std::size_t size);
  void report_new_damage();

  const SegmentList& segments_;
  const std::vector<JournalFinding>& known_;
  std::uint64_t position_;
  Flush flush_;
  Segment segment_;
  File file_;
  std::uint64_t at_ = 0;  // in the file
  std::optional<EntryCursor> cursor_;
};

// What a trim removes meanwhile held nothing behind the position.
void SegmentReader::open_holding() {
  for (;;) {
    const auto segment = segments_.holding(position_);
    try {
      return open(segment);
    } catch (const Error&) {
      if (segments_.holding(position_).number == segment.number) throw;
    }
  }
}

void SegmentReader::open(const Segment& segment) {
  file_ = File::open(segment.path, File::Mode::read);
  at_ = has_segment_header(file_, segment.number) ? segment_header_bytes : 0;
  file_.seek(at_);
  segment_ = segment;
  cursor_.emplace([this](void* into, std::size_t size) { return read(into, size); }, segment.number, at_);
}

std::size_t SegmentReader::read(void* into, std::size_t size) {
  if (at_ == segment_.bytes) return 0;
  const auto count = file_.read_some(into, std::min<std::uint64_t>(size, segment_.bytes - at_));
  at_ += count;
  return count;
}

const Entry* SegmentReader::next_entry() {
  for (bool has_flushed = false;;) {
    if (const auto* entry = cursor_->next()) {
      report_new_damage();
      return entry;
    }
    const auto now = segments_.progress(segment_.number);
    if (now.bytes > segment_.bytes)
      segment_.bytes = now.bytes;
    else if (!now.is_last)
      open(segments_.after(segment_.number));
    else if (!std::exchange(has_flushed, true))
      flush_();
    else
      return nullptr;
  }
}

void SegmentReader::report_new_damage() {
  for (const auto& range : cursor_->take_damage()) {
    const bool is_known = std::any_of(known_.begin(), known_.end(), [&](const auto& finding) {
      return finding.file == segment_.path && finding.offset == range.begin;
    });
    if (!is_known)
      log_error(
          fmt::format("{}: {} bytes were damaged from byte {} on since they were written, and are left "
                      "out",
                      segment_.path.string(), range.end - range.begin, range.begin));
  }
}

bool SegmentReader::next(JournalPayload& payload) {
  while (const auto* entry = next_entry()) {
    const auto* found = std::get_if<PayloadEntry>(entry);
    if (found == nullptr || found->number < position_) continue;
    position_ = found->number + 1;
    payload = {found->delivery, {position_}};
    return true;
  }
  return false;
}

bool SegmentReader::next(JournalBoundary& boundary) {
  while (const auto* entry = next_entry()) {
    const auto* found = std::get_if<JournalBoundary>(entry);
    if (found == nullptr || found->behind.payload <= position_) continue;
    position_ = found->behind.payload;
    boundary = *found;
    return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<JournalReader> make_journal_reader(const SegmentList& segments,
                                                   const std::vector<JournalFinding>& known,
                                                   JournalPosition position, Flush flush) {
  return std::make_unique<SegmentReader>(segments, known, position, std::move(flush));
}

}  // namespace millrace
