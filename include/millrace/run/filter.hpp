// SPDX-License-Identifier: Apache-2.0
// The chain as a filter on texts in memory, in one process: what `apply` does, and what a test compares with
// pandas.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/codec/row_decoder.hpp"
#include "millrace/task/chain.hpp"

namespace millrace {

struct FilterSettings {
  std::vector<ChainStep> steps;
  std::optional<Schema> schema;  // empty: inferred from all rows
  DecodeOptions decode;          // CSV without names of columns: they are taken from the header line
  bool header = true;            // CSV: the first line is one
  RowFormat output = RowFormat::jsonl;
  std::size_t rows_per_message = 0;  // 0: all rows are one message
  int threads = 1;
};

struct FilterOutcome {
  std::vector<std::string> warnings;
  std::vector<std::string> rejects;  // "line 17: decode: ..."
};

// Gives the result rows to `write`, one call a message. Throws Error (project_refused) for a chain that does
// not fit, or columns whose names are missing, wrong or doubled.
FilterOutcome filter_rows(std::string_view text, const FilterSettings& settings,
                          const std::function<void(std::string_view)>& write);

}  // namespace millrace
