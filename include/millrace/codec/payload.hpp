// SPDX-License-Identifier: Apache-2.0
// Payload: the rows that one publication of a live source holds. Framed here, decoded by the workers as all
// rows are. A payload is taken whole or refused whole; a row in it that can't be decoded is the decoder's
// matter and refused alone.
//
// row: one JSON object. array: a JSON array of objects. lines: JSON lines. csv: lines of CSV without a
// header. packed: base64 of zlib of a JSON array (the paper's form). Each may be gzip'ed as a whole, which is
// seen by its first two bytes. A byte-order mark in front and, but for csv, white space around are skipped.
//
// Refused: a payload without any row, but for the array `[]`; one with more bytes or rows than the options
// allow (it is decompressed no further); gzip or zlib data that is damaged, ends too early or has something
// behind it (more gzip members may follow one); base64 that is not as RFC 4648 has it (line breaks inside it
// included); an array whose own brackets and commas are wrong, or with more than 1024 brackets open. An
// element that is no object is a row that the decoder refuses. In csv an unclosed quote takes all that
// follows with it, up to max_row_bytes.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/codec/row_framer.hpp"

namespace millrace {

enum class PayloadForm { row, array, lines, csv, packed };
// In the order of PayloadForm.
inline constexpr std::array<std::string_view, 5> payload_form_names{"row", "array", "lines", "csv", "packed"};

// `name`: one of them.
constexpr PayloadForm payload_form(std::string_view name) {
  std::size_t form = 0;
  while (form + 1 < payload_form_names.size() && payload_form_names[form] != name) ++form;
  return static_cast<PayloadForm>(form);
}

// What the rows of the form are for the decoder.
constexpr RowFormat row_format(PayloadForm form) {
  return form == PayloadForm::csv ? RowFormat::csv : RowFormat::jsonl;
}

struct PayloadOptions {
  PayloadForm form = PayloadForm::row;
  std::size_t max_bytes = 64u << 20;      // of the plain text once it is decompressed, and of the rows
  std::size_t max_rows = 1'000'000;       // a small compressed text can hold very many
  std::size_t max_row_bytes = 16u << 20;  // a longer row is cut to this and one byte: the decoder refuses it
  char csv_delimiter = ',';
  // If not empty: each row is given the publication's topic under this name (JSON: as its last key, which
  // therefore counts, unless the row is not {...}; CSV: as its last field). No wrong row becomes right by it.
  std::string topic_column = {};
};

struct PayloadRows {
  std::vector<std::string_view> rows;  // views, until the next read() or the payload's end; none if refused
  // "": taken, maybe without any row; else "payload: ...", one line that is the same for the same kind of
  // fault up to any ", found ...".
  std::string refusal;
};

// The refusal, or what is said of a payload that was taken and holds no row; "" where there are rows.
constexpr std::string_view reason_to_quarantine(const PayloadRows& found) {
  if (found.refusal.empty() && found.rows.empty()) return "payload: it holds no row";
  return found.refusal;
}

// Not thread-safe.
class PayloadReader {
 public:
  virtual ~PayloadReader() = default;
  // Never throws for what stands in the payload.
  virtual const PayloadRows& read(std::string_view payload, std::string_view topic) = 0;
};

std::unique_ptr<PayloadReader> make_payload_reader(const PayloadOptions& options);

// What stands in a message for a payload that was refused: an unclosed quote, which no decoder takes for a
// row, whatever its format, columns and delimiter.
inline constexpr std::string_view refused_payload_row = "\"";

// The payload of some rows, each a JSON object (for csv: a CSV row), without line ends for lines. row takes
// exactly one; only array and packed can hold none. Never gzip'ed. Throws Error (failed) if row is given more
// or less than one.
std::string write_payload(PayloadForm form, const std::vector<std::string_view>& rows);

}  // namespace millrace
