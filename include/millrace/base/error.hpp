// SPDX-License-Identifier: Apache-2.0
// Exit codes and the one exception class. A job that cannot start or cannot go on throws Error; it is caught
// once, in main, which prints the message and leaves with the code. Bad rows are never exceptions
// (frame/reject.hpp).
#pragma once

#include <stdexcept>
#include <string>

namespace millrace {

enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,
  project_refused = 3,
  rows_quarantined = 4,  // with --strict
  no_space = 5,
  rank_lost = 6,
  source_refused = 7,  // or the broker of the mqtt sink: what is refused again however often it is tried
  max_rejects = 8,
  stopped_early = 75,
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

// "PATH: STRERROR", with ExitCode::no_space for ENOSPC and EDQUOT, else ExitCode::failed.
[[noreturn]] void throw_errno(const std::string& what, int error_number);

}  // namespace millrace
