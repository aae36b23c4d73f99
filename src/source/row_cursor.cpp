// SPDX-License-Identifier: Apache-2.0
#include "source/row_cursor.hpp"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

// Small enough that what read() copies is still in the core's own cache when it is framed and copied on.
constexpr std::size_t read_bytes = 256 << 10;
// What a decoder may read behind a row without harm.
constexpr std::size_t padding = 64;

std::uint64_t lines_inside(std::string_view block, const FramedRow& row) {
  const auto bytes = block.substr(row.begin, row.next - row.begin);
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

}  // namespace

RowCursor::RowCursor(const CursorSettings& settings) : settings_(settings) {
  if (!finished()) open_part(0);
}

void RowCursor::open_part(std::uint64_t byte) {
  stream_ = std::make_unique<PartStream>(settings_.names[part_], settings_.standard_input);
  if (byte > 0) stream_->skip(byte);
  framer_ = make_row_framer(settings_.format, settings_.max_row_bytes, byte == 0);
  byte_ = byte;
  begin_ = end_ = 0;
  part_ended_ = false;
  header_due_ = settings_.header && byte == 0;
}

void RowCursor::next_part() {
  ++part_;
  line_ = 0;
  stream_.reset();
  if (!finished()) open_part(0);
}

void RowCursor::go_to(const SourcePosition& position) {
  part_ = position.part;
  line_ = position.line;
  row_ = position.row;
  if (!finished()) open_part(position.byte);
}

void RowCursor::refill() {
  if (begin_ > 0) std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (block_.size() < end_ + read_bytes + padding) block_.resize(end_ + std::max(end_, read_bytes) + padding);
  const auto count = stream_->read(block_.data() + end_, block_.size() - end_ - padding);
  end_ += count;
  part_ended_ = count == 0;
}

void RowCursor::advance(std::size_t bytes) {
  begin_ += bytes;
  byte_ += bytes;
}

void RowCursor::read(std::size_t most, std::vector<SourceRow>& rows) {
  rows.clear();
  while (rows.empty() && !finished()) {
    const auto consumed = frame(header_due_ ? 1 : most);
    const bool cut_off = !framed_.empty() && is_cut_off(framed_.back());
    hand_out(rows);
    advance(consumed);
    if (cut_off) hold_cut_off_row(rows);
    if (!framed_.empty()) continue;
    if (part_ended_)
      next_part();
    else
      refill();
  }
}

// Frames what is unread, and leaves a row that is cut off for the next call, unless it is the only one.
std::size_t RowCursor::frame(std::size_t most) {
  framed_.clear();
  const auto consumed = framer_->frame(unread(), part_ended_, most, framed_);
  if (framed_.size() < 2 || !is_cut_off(framed_.back())) return consumed;
  framed_.pop_back();
  framer_ = make_row_framer(settings_.format, settings_.max_row_bytes, false);
  return framed_.back().next;
}

// Too long, and its line end is not read yet.
bool RowCursor::is_cut_off(const FramedRow& row) const {
  return row.too_long && !part_ended_ && unread()[row.next - 1] != '\n';
}

// Goes behind the row's line end, so that a run can be resumed there. The block is read over meanwhile.
void RowCursor::hold_cut_off_row(std::vector<SourceRow>& rows) {
  if (!rows.empty()) cut_off_row_ = rows.back().bytes;
  skip_line();
  framer_ = make_row_framer(settings_.format, settings_.max_row_bytes, false);
  if (rows.empty()) return;  // a header
  rows.back().bytes = cut_off_row_;
  rows.back().behind = {part_, byte_, line_, row_};
}

void RowCursor::skip_line() {
  auto line_end = unread().find('\n');
  while (line_end == std::string_view::npos && !part_ended_) {
    advance(unread().size());
    refill();
    line_end = unread().find('\n');
  }
  if (line_end == std::string_view::npos) return;
  advance(line_end + 1);
  ++line_;
}

void RowCursor::hand_out(std::vector<SourceRow>& rows) {
  const auto block = unread();
  const bool is_plain = stream_->is_plain_file();
  for (const auto& row : framed_) {
    const bool is_one_line = row.lines == 1 && block[row.next - 1] == '\n';
    const auto inside = is_one_line ? 1 : lines_inside(block, row);
    const auto first_line = line_ + row.lines - inside + 1;
    line_ += row.lines;
    if (header_due_) {
      header_due_ = false;
      continue;
    }
    ++row_;
    rows.push_back({.bytes = block.substr(row.begin, row.end - row.begin),
                    .behind = {part_, byte_ + row.next, line_, row_},
                    .part = part_,
                    .line = first_line,
                    .at = is_plain ? std::optional(byte_ + row.begin) : std::nullopt,
                    .too_long = row.too_long});
  }
}

std::optional<std::string> first_row(const CursorSettings& settings, const std::string& name) {
  auto only = settings;
  only.names = {name};
  only.header = false;
  RowCursor cursor(only);
  std::vector<SourceRow> rows;
  cursor.read(1, rows);
  if (rows.empty()) return std::nullopt;
  return std::string(rows[0].bytes);
}

}  // namespace millrace
