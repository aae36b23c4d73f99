// SPDX-License-Identifier: Apache-2.0
// Payload: the rows that one publication of a live source holds. Framed here, decoded by the workers as all
// rows are.
//
// row: one JSON object. array: a JSON array of objects. lines: JSON lines. csv: lines of CSV without a
// header. packed: base64 of zlib of a JSON array (the paper's form). Each may be gzip'ed as a whole, which is
// seen by its first two bytes. A payload is taken whole or refused whole; a row in it that can't be decoded
// is the decoder's matter and refused alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

enum class PayloadForm { row, array, lines, csv, packed };

struct PayloadOptions {
  PayloadForm form = PayloadForm::row;
  std::size_t max_bytes = 64u << 20;      // of the plain text, once it is decompressed
  std::size_t max_row_bytes = 16u << 20;  // a longer row is cut to this and one byte: the decoder refuses it
  char csv_delimiter = ',';
  // If not empty: each row is given the publication's topic under this name (JSON: as its last key, which
  // therefore counts; CSV: as its last field).
  std::string topic_column = {};
};

struct PayloadRows {
  std::vector<std::string_view> rows;  // views, until the next read()
  std::string refusal;                 // one line; empty: taken, maybe without any row
};

class PayloadReader {
 public:
  virtual ~PayloadReader() = default;
  // Never throws for what stands in the payload.
  virtual const PayloadRows& read(std::string_view payload, std::string_view topic) = 0;
};

std::unique_ptr<PayloadReader> make_payload_reader(const PayloadOptions& options);

// The payload of some rows, each a JSON object (for csv: a CSV line). row takes exactly one. Never gzip'ed.
std::string write_payload(PayloadForm form, const std::vector<std::string_view>& rows);

}  // namespace millrace
