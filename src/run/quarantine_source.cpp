// SPDX-License-Identifier: Apache-2.0
#include "run/quarantine_source.hpp"

#include <charconv>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr std::size_t most_taken_bytes = 1 << 20;

struct Place {
  std::string name;
  std::uint64_t line = 0;
};

Place place_of(const std::string& source) {
  const auto colon = source.rfind(':');
  if (colon == std::string::npos) return {source, 0};
  Place place{source.substr(0, colon), 0};
  std::from_chars(source.data() + colon + 1, source.data() + source.size(), place.line);
  return place;
}

}  // namespace

QuarantineSource::QuarantineSource(QuarantineSettings settings) : settings_(std::move(settings)) {
  if (settings_.payload) payloads_ = make_payload_reader(*settings_.payload);
}

void QuarantineSource::open(QuarantineRange range, std::uint64_t rows_before) {
  find_parts(range);
  reader_ = read_quarantine(settings_.output, range);
  rows_put_back_ = rows_before;
}

// A run knows its parts from the beginning, so these are looked for before.
void QuarantineSource::find_parts(QuarantineRange range) {
  QuarantinedRow row;
  for (const auto reader = read_quarantine(settings_.output, range); reader->next(row);) {
    const auto name = place_of(row.source).name;
    if (part_of_name_.emplace(name, parts_.size()).second) parts_.push_back({name, 0, ""});
    if (row.is_payload && !payloads_)
      throw Error(ExitCode::project_refused,
                  "a payload of a live source was quarantined; a project with such a source is needed");
  }
}

void QuarantineSource::read(std::size_t most, std::vector<SourceRow>& rows) {
  rows.clear();
  take(most);
  is_at_end_ = taken_.empty();
  for (const auto& row : taken_) hand_out(row, rows);
}

void QuarantineSource::take(std::size_t most) {
  taken_.clear();
  for (std::size_t bytes = 0; taken_.size() < most && bytes < most_taken_bytes;) {
    if (!next_ && !reader_->next(next_.emplace())) next_.reset();
    if (!next_ || (next_->is_payload && !taken_.empty())) return;
    bytes += next_->bytes.size();
    const auto& taken = taken_.emplace_back(std::move(*next_));
    next_.reset();
    if (taken.is_payload) return;
  }
}

void QuarantineSource::hand_out(const QuarantinedRow& quarantined, std::vector<SourceRow>& rows) {
  const auto place = place_of(quarantined.source);
  SourceRow row{};
  row.bytes = quarantined.bytes;
  row.behind = {0, quarantined.end, ++rows_put_back_, 0};
  row.part = part_of_name_.at(place.name);
  row.line = place.line;
  row.input_row = quarantined.input_row;
  row.topic = quarantined.topic;
  if (quarantined.is_payload) return hand_out_payload(quarantined, row, rows);
  if (is_beyond_limit(quarantined.reason)) row.refusal = quarantined.reason;
  rows.push_back(row);
}

void QuarantineSource::hand_out_payload(const QuarantinedRow& payload, SourceRow row,
                                        std::vector<SourceRow>& rows) {
  const auto& found = payloads_->read(payload.bytes, payload.topic);
  const bool is_message = settings_.payload->form == PayloadForm::packed;
  row.begins_message = is_message;
  row.refusal = reason_to_quarantine(found);
  row.is_payload = !row.refusal.empty();
  if (row.is_payload) rows.push_back(row);
  for (const auto bytes : found.rows) row.payload_bytes += bytes.size();
  for (const auto bytes : found.rows) {
    row.bytes = bytes;
    row.cut = Cut::must_not;
    rows.push_back(row);
    row.payload_bytes = 0;
    row.begins_message = false;
  }
  rows.back().cut = is_message ? Cut::must : Cut::may;
}

// What was taken and what comes next, as a line and as bytes; and a payload's rows.
std::uint64_t QuarantineSource::most_held_bytes() const {
  const auto largest = settings_.payload ? settings_.payload->max_bytes : settings_.decode.max_row_bytes;
  return most_taken_bytes + 5 * static_cast<std::uint64_t>(largest);
}

}  // namespace millrace
