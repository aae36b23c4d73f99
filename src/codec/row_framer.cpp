// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/row_framer.hpp"

#include <algorithm>
#include <cstring>

namespace millrace {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::size_t find_byte(std::string_view bytes, std::size_t from, char byte) {
  if (from >= bytes.size()) return npos;
  const auto* place = std::memchr(bytes.data() + from, byte, bytes.size() - from);
  return place == nullptr ? npos : static_cast<std::size_t>(static_cast<const char*>(place) - bytes.data());
}

class JsonlEnds {
 public:
  std::size_t find(std::string_view bytes, std::size_t from) { return find_byte(bytes, from, '\n'); }
  void start_row() {}
  std::uint32_t inner_lines() const { return 0; }
  static bool is_blank(std::string_view row) {
    return std::all_of(row.begin(), row.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
  }
};

// A line end counts only where the quotes of the row so far are closed. The delimiter is not known here, so
// any quote opens or closes; where RFC 4180 is kept that is the same.
class CsvEnds {
 public:
  std::size_t find(std::string_view bytes, std::size_t from) {
    for (;;) {
      const auto line_end = find_byte(bytes, from, '\n');
      toggle(bytes.substr(from, line_end == npos ? npos : line_end - from));
      if (line_end == npos || !open_) return line_end;
      ++inner_lines_;
      from = line_end + 1;
    }
  }
  void start_row() {
    open_ = false;
    inner_lines_ = 0;
  }
  std::uint32_t inner_lines() const { return inner_lines_; }
  static bool is_blank(std::string_view row) { return row.empty(); }

 private:
  void toggle(std::string_view part) {
    const auto first = find_byte(part, 0, '"');
    if (first == npos) return;
    open_ ^= std::count(part.begin() + static_cast<std::ptrdiff_t>(first), part.end(), '"') % 2 == 1;
  }

  bool open_ = false;
  std::uint32_t inner_lines_ = 0;
};

template <class Ends>
class Framer final : public RowFramer {
 public:
  Framer(std::size_t max_row_bytes, bool at_start) : max_row_bytes_(max_row_bytes), at_start_(at_start) {}

  std::size_t frame(std::string_view bytes, bool last, std::size_t most,
                    std::vector<FramedRow>& rows) override {
    bytes_ = bytes;
    last_ = last;
    at_ = 0;
    const auto full = rows.size() + most;
    if (!skip_byte_order_mark()) return 0;
    while (rows.size() < full && at_ < bytes_.size() && next_row(rows)) {
    }
    return at_;
  }
  std::uint32_t trailing_lines() const override { return lines_; }

 private:
  // False where more bytes are needed to tell.
  bool skip_byte_order_mark() {
    if (!at_start_) return true;
    const auto seen = bytes_.substr(0, byte_order_mark.size());
    if (!last_ && seen.size() < byte_order_mark.size() && byte_order_mark.starts_with(seen)) return false;
    if (seen == byte_order_mark) at_ = byte_order_mark.size();
    at_start_ = false;
    return true;
  }

  // One step: a row, a blank line, or the rest of a row that is too long. False where more bytes are needed.
  bool next_row(std::vector<FramedRow>& rows) {
    if (skipping_) return skip_to_line_end();
    const auto window = bytes_.substr(0, at_ + std::min(max_row_bytes_ + 1, bytes_.size() - at_));
    const auto line_end = ends_.find(window, at_ + scanned_);
    if (line_end != npos) {
      take(line_end, line_end + 1, rows);
    } else if (window.size() - at_ > max_row_bytes_) {
      take_too_long(rows);
    } else if (last_) {
      take(bytes_.size(), bytes_.size(), rows);
    } else {
      scanned_ = bytes_.size() - at_;
      return false;
    }
    return true;
  }

  void take(std::size_t end, std::size_t next, std::vector<FramedRow>& rows) {
    const auto begin = at_;
    lines_ += ends_.inner_lines() + (next > end ? 1 : 0);
    start_row(next);
    if (end > begin && bytes_[end - 1] == '\r') --end;
    if (Ends::is_blank(bytes_.substr(begin, end - begin))) return;
    rows.push_back({begin, end, next, lines_});
    lines_ = 0;
  }

  void take_too_long(std::vector<FramedRow>& rows) {
    const auto begin = at_;
    lines_ += ends_.inner_lines();
    start_row(begin + max_row_bytes_ + 1);
    const auto end = at_;
    skipping_ = true;
    skip_to_line_end();
    rows.push_back({begin, end, at_, lines_, true});
    lines_ = 0;
  }

  bool skip_to_line_end() {
    const auto line_end = find_byte(bytes_, at_, '\n');
    at_ = line_end == npos ? bytes_.size() : line_end + 1;
    if (line_end == npos) return false;
    skipping_ = false;
    ++lines_;
    return true;
  }

  void start_row(std::size_t at) {
    at_ = at;
    scanned_ = 0;
    ends_.start_row();
  }

  std::size_t max_row_bytes_;
  bool at_start_;
  Ends ends_;
  bool skipping_ = false;
  std::size_t scanned_ = 0;  // bytes of the row at at_ that were searched before
  std::uint32_t lines_ = 0;  // passed since the last row
  std::string_view bytes_;
  bool last_ = false;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<RowFramer> make_row_framer(RowFormat format, std::size_t max_row_bytes,
                                           bool at_start_of_file) {
  if (format == RowFormat::csv) return std::make_unique<Framer<CsvEnds>>(max_row_bytes, at_start_of_file);
  return std::make_unique<Framer<JsonlEnds>>(max_row_bytes, at_start_of_file);
}

}  // namespace millrace
