// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/log.hpp"

namespace millrace::test {

// Collects the log's lines while it lives.
class LogLines {
 public:
  LogLines() {
    relay_log([this](LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines.emplace_back(line);
    });
  }
  ~LogLines() { relay_log({}); }
  bool has(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }
  std::vector<std::string> lines;  // while nobody writes any

 private:
  mutable std::mutex mutex_;
};

}  // namespace millrace::test
