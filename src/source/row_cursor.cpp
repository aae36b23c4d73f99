// SPDX-License-Identifier: Apache-2.0
#include "source/row_cursor.hpp"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

constexpr std::size_t read_bytes = 1 << 20;
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

void RowCursor::read(std::size_t most, std::vector<SourceRow>& rows) {
  rows.clear();
  while (rows.empty() && !finished()) {
    framed_.clear();
    const auto consumed = framer_->frame(unread(), part_ended_, header_due_ ? 1 : most, framed_);
    hand_out(framed_, rows);
    begin_ += consumed;
    byte_ += consumed;
    if (!framed_.empty()) continue;
    if (part_ended_)
      next_part();
    else
      refill();
  }
}

void RowCursor::hand_out(const std::vector<FramedRow>& framed, std::vector<SourceRow>& rows) {
  const auto block = unread();
  for (const auto& row : framed) {
    const auto inside = row.lines > 1 ? lines_inside(block, row) : row.lines;
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
