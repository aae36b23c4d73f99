// SPDX-License-Identifier: Apache-2.0
// The rows of a text must not depend on how its bytes are cut into calls.
#include <cstdlib>
#include <string>

#include "millrace/codec/row_framer.hpp"

using namespace millrace;

namespace {

constexpr std::size_t max_row_bytes = 20;

std::string framed(RowFormat format, std::string_view text, std::size_t piece) {
  const auto framer = make_row_framer(format, max_row_bytes, true);
  std::string pending, all;
  std::uint64_t lines = 0;
  std::vector<FramedRow> rows;
  for (std::size_t fed = 0; fed < text.size() || fed == 0;) {
    const auto size = std::min(piece, text.size() - fed);
    pending.append(text.substr(fed, size));
    fed += size;
    rows.clear();
    const auto done = framer->frame(pending, fed == text.size(), text.size() + 1, rows);
    for (const auto& row : rows) {
      if (row.begin > row.end || row.end > row.next || row.next > done) std::abort();
      lines += row.lines;
      all += pending.substr(row.begin, row.end - row.begin) + (row.too_long ? "|too long|" : "|") + "\n";
    }
    pending.erase(0, done);
    if (fed == text.size()) break;
  }
  if (!pending.empty()) std::abort();
  return all + std::to_string(lines + framer->trailing_lines());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto format : {RowFormat::jsonl, RowFormat::csv}) {
    const auto whole = framed(format, text, size + 1);
    for (const std::size_t piece : {1u, 3u, 17u})
      if (framed(format, text, piece) != whole) std::abort();
  }
  return 0;
}
