// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/error.hpp"

#include <cerrno>
#include <cstring>

namespace millrace {

void throw_errno(const std::string& what, int error_number) {
  const bool no_space = error_number == ENOSPC || error_number == EDQUOT;
  throw Error(no_space ? ExitCode::no_space : ExitCode::failed, what + ": " + std::strerror(error_number));
}

}  // namespace millrace
