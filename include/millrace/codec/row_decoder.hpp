// SPDX-License-Identifier: Apache-2.0
// Decoding: the rows of a message into a frame of a given schema. The expensive step, so it runs on workers.
//
// JSON rows: one object a row; nested objects become dotted names (wind.speed). Missing key, null: missing.
// Keys not in the schema are counted and ignored; of a key that stands twice the last value counts. CSV rows:
// fields by position in `csv_columns`; an empty field is missing, a quoted empty field is an empty text.
//
// float64: a JSON number, correctly rounded; beyond the range of double refused. int64: a whole number within
// range (1.0 and 1e3 count as whole). boolean: true, false (CSV: also 0, 1, any case). text: valid UTF-8.
// time: ISO 8601 (2024-05-01, 2024-05-01T12:00[:00[.fraction]][Z|+hh:mm], blank for T; no zone means UTC; a
// fraction finer than the unit is refused), or a number of units since 1970. A row that cannot be decoded, or
// with a value that does not fit its column, goes to the rejects with its reason and leaves no trace in the
// frame (labels included).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/codec/row_framer.hpp"
#include "millrace/frame/message.hpp"
#include "millrace/frame/result.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

struct DecodeOptions {
  RowFormat format = RowFormat::jsonl;
  std::vector<std::string> csv_columns = {};  // the fields' names in order
  char csv_delimiter = ',';
  bool non_finite_is_missing = false;  // NaN, Infinity, 1e400: missing instead of a reject
  std::size_t max_row_bytes = 16u << 20;
  // CSV: fields without quotes that are missing, as empty ones are; blanks around them do not count.
  std::vector<std::string> csv_missing = {};
};

// What a message decodes to, beside the frame.
struct DecodeOutcome {
  std::vector<Reject> rejects;
  std::uint64_t unknown_keys = 0;
  std::vector<std::string> new_unknown_keys;  // at most 16
};

// Const after construction; decode() is safe from several threads at once.
class RowDecoder {
 public:
  virtual ~RowDecoder() = default;
  // `frame` becomes the good rows of `message`. The same for any number of threads. Frame's buffers are
  // reused.
  virtual DecodeOutcome decode(const MessageView& message, int threads, Frame& frame) const = 0;
};

// Is this the reason of a row beyond max_row_bytes? Of such a row only the first bytes are known.
bool is_beyond_limit(std::string_view reason);

// The fields of a header line; empty where its quotes are wrong.
std::optional<std::vector<std::string>> split_csv_row(std::string_view row, char delimiter);
// "; it looks divided by \";\"", if that makes several fields of a line in which `delimiter` finds no second
// one, else "".
std::string delimiter_hint(std::string_view row, char delimiter);

std::unique_ptr<RowDecoder> make_row_decoder(const Schema& schema, const DecodeOptions& options);

}  // namespace millrace
