// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/log.hpp"

namespace millrace::test {

// Collects the log's lines while it lives.
class LogLines {
 public:
  LogLines() {
    relay_log([this](LogLevel, std::string_view line) { lines.emplace_back(line); });
  }
  ~LogLines() { relay_log({}); }
  bool has(const std::string& part) const {
    for (const auto& line : lines)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }
  std::vector<std::string> lines;
};

}  // namespace millrace::test
