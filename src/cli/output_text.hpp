// SPDX-License-Identifier: Apache-2.0
// Where a filter writes: a file, or standard output for "-". A failed write throws; a closed pipe ends the
// program quietly.
#pragma once

#include <string>
#include <string_view>

#include "millrace/base/files.hpp"

namespace millrace::cli {

class OutputText {
 public:
  explicit OutputText(const std::string& path);
  void write(std::string_view text);

 private:
  File file_;  // none: standard output
};

}  // namespace millrace::cli
