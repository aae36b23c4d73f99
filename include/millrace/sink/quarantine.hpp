// SPDX-License-Identifier: Apache-2.0
// The quarantine file of an output, PATH.rejects.jsonl: a JSON object a line, in the order of refusal.
//
//   reason     text: the stage, the column, what was expected and found
//   source     text: where the row came from, PART:LINE; stays the same when it is put back and refused again
//   input_row  index of the row in the input, from 0
//   row        text: the row as the source gave it; or, in place of it,
//   payload    text: a whole payload of a live source that could not be taken apart, beside its `topic`
//
// What is not UTF-8 stands as row_base64 or payload_base64. Only lines within the committed length count.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "millrace/sink/output_state.hpp"

namespace millrace {

struct QuarantinedRow {
  std::string reason, source;
  std::uint64_t input_row = 0;
  bool is_payload = false;
  std::string topic;  // of a payload
  std::string bytes;
  std::uint64_t end = 0;  // of its line in the file
};

struct QuarantineRange {
  std::uint64_t begin = 0, end = 0;  // bytes
  bool operator==(const QuarantineRange&) const = default;
};

// What a requeue by `project` takes: all that is there and was not put back yet; or what a requeue by the
// same project that was stopped has left, so that stopping it makes no difference.
QuarantineRange range_to_requeue(const OutputState& state, const std::string& project);
// Was a requeue by `project` stopped before its end?
bool goes_on_with_requeue(const OutputState& state, const std::string& project);

class QuarantineReader {
 public:
  virtual ~QuarantineReader() = default;
  // False: the end of the range. Throws Error (failed) where a line is not what it should be.
  virtual bool next(QuarantinedRow& row) = 0;
};

// `output`: its path, as in the project. Throws Error (failed) if the file is missing or too short.
std::unique_ptr<QuarantineReader> read_quarantine(const std::string& output, QuarantineRange range);

// A reason without the row's own values: up to ", found".
std::string without_values(const std::string& reason);
// How many rows of the range were refused for each reason, without values.
std::map<std::string, std::uint64_t> reasons_in_quarantine(const std::string& output, QuarantineRange range);

}  // namespace millrace
