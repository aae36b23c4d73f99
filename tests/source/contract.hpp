// SPDX-License-Identifier: Apache-2.0
// What every source keeps, checked on any of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/source/source.hpp"

namespace millrace::test {

struct ReadRow {
  std::string bytes;
  SourcePosition behind;
  std::uint64_t part = 0, line = 0;
  bool too_long = false;
  std::optional<std::uint64_t> at = {};
  bool operator==(const ReadRow&) const = default;
};

// All rows that are left, `most` a read.
std::vector<ReadRow> read_all(Source& source, std::size_t most = 100);

// `make` gives a source before its first read, over the same input each time; the rows must be `expected`.
void check_contract(const std::function<std::unique_ptr<Source>()>& make,
                    const std::vector<std::string>& expected);

}  // namespace millrace::test
