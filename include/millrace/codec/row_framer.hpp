// SPDX-License-Identifier: Apache-2.0
// Framing: where rows begin and end in a stream of bytes. No value is decoded here; it runs on rank 0 at
// memory speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace millrace {

enum class RowFormat { jsonl, csv };

struct FramedRow {
  std::size_t begin, end;  // of the row in the bytes given, without its line end
  std::size_t next;        // where the following row begins
  std::uint32_t
      lines;  // line ends consumed, blank lines before the row included (CSV: also those inside quotes)
  bool too_long = false;  // longer than max_row_bytes: begin..end is its first part; the decoder rejects it
};

// Jsonl: rows end with LF or CRLF; blank lines (white space only) are skipped. Csv: RFC 4180; LF and CRLF end
// a row outside quotes (any quote opens or closes, also one that RFC 4180 would not have); empty lines are
// skipped. A byte-order mark before the first row is skipped. The last row may lack its line end. A row
// longer than max_row_bytes (an unclosed quote included) is reported as too_long with its first max_row_bytes
// + 1 bytes, and framing goes on behind the next line end after those. The rows are the same however the
// bytes are cut into calls; but where a too_long row's line end is not yet in the bytes given, its `next` is
// their end, inside the row.
class RowFramer {
 public:
  virtual ~RowFramer() = default;
  // Appends the complete rows of `bytes` to `rows`, at most `most`; returns how many bytes are done with. The
  // caller gives the rest again, with more behind it. `last`: nothing follows, so an unended row is complete.
  // `bytes` must begin at a row's beginning or where the previous call stopped.
  virtual std::size_t frame(std::string_view bytes, bool last, std::size_t most,
                            std::vector<FramedRow>& rows) = 0;
  // Line ends passed after the last row handed out (blank lines at the end).
  virtual std::uint32_t trailing_lines() const = 0;
};

std::unique_ptr<RowFramer> make_row_framer(RowFormat format, std::size_t max_row_bytes,
                                           bool at_start_of_file);

}  // namespace millrace
