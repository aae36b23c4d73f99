// SPDX-License-Identifier: Apache-2.0
// Result: what a chain made of one message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/frame/frame.hpp"

namespace millrace {

// A row that was refused, by the decoder or by a task. The reason is one line: the stage, the column if there
// is one, what was expected and what was found.
struct Reject {
  std::uint32_t row = 0;  // index in the message
  std::string reason;     // "decode: column outTemp: expected a number, found a text"
  std::string bytes;      // the row as the source gave it
};

// Of one stage: `prepare`, or a task of the chain.
struct StageCount {
  double seconds = 0;
  std::uint64_t rows_dropped = 0;  // rejected rows not counted
};

// What a task was fitted to in one column of one message, so that its work can be undone.
struct Fit {
  std::string name;  // "1/standard_scaler/outTemp/scale": place in the chain, task, column, parameter
  std::vector<double> values;  // one, or as many as the message has quantiles
  bool operator==(const Fit&) const = default;
};

struct Result {
  std::uint64_t sequence = 0;
  std::uint64_t rows_in = 0;
  Frame frame;
  std::vector<Reject> rejects;                // ascending by row
  std::vector<StageCount> stages;             // prepare first, then one a task
  std::vector<Fit> fits;                      // if they are kept; by task, then by column
  std::uint64_t unknown_keys = 0;             // values whose key is not in the schema
  std::vector<std::string> new_unknown_keys;  // their names, at most 16 a message
  double service_s = 0;                       // decode and chain
  std::int32_t worker = 0;                    // rank that computed it
};

}  // namespace millrace
