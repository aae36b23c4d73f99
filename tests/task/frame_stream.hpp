// SPDX-License-Identifier: Apache-2.0
// Cases for the task driver as bytes, written and read by parity.py. All little-endian:
//
//   case    text chain | frame
//   text    u32 bytes | bytes
//   frame   u32 rows | u32 columns | column ...
//   column  text name | u8 type | u8 role | values: float64 f64[rows]; int64, time i64[rows], u8 valid[rows];
//           bool u8[rows], u8 valid[rows]; text, per row: u8 valid, text
//   answer  u8 status | status 1: text error | status 0: frame | u32 row_index[rows] | u32 rejects | rejects,
//   each
//           u32 row, text reason | u32 stages | u64 rows dropped in each
//
// A chain is one task a line: its name, then key=value with blanks between; lists with commas.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/frame/result.hpp"
#include "millrace/task/chain.hpp"

namespace millrace::test {

Frame read_frame(ByteReader& in);
void write_frame(const Frame& frame, ByteWriter& out);
// Throws Error (project_refused) for a value that the option's kind does not take.
std::vector<ChainStep> parse_chain(const std::string& text);
// All options of a task, with its defaults.
Options options_of(const std::string& task, std::map<std::string, OptionValue> given);

}  // namespace millrace::test
