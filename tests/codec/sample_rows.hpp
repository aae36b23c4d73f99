// SPDX-License-Identifier: Apache-2.0
// Rows for the tests and benchmarks of the codec room: 26 numbers and 7 texts, about 650 bytes of JSON, in
// the manner of a weather station, with some nulls and some absent keys.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/codec/row_decoder.hpp"

namespace millrace {

struct SampleOptions {
  double missing = 0.004, absent = 0.002;
  std::string colon = ":", comma = ",";  // with blanks, if wanted
  bool shortest = false;                 // numbers without zeros at their end, so that their lengths vary
  RowFormat format = RowFormat::jsonl;
};

Schema sample_schema();
// The rows, each without its line end. The same for the same seed.
std::vector<std::string> sample_rows(std::size_t rows, std::uint32_t seed, const SampleOptions& options = {});
Bytes message_of(const std::vector<std::string>& rows);

}  // namespace millrace
