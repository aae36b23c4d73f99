// SPDX-License-Identifier: Apache-2.0
#include "cli/output_text.hpp"

#include <unistd.h>

#include <cerrno>

#include "millrace/base/error.hpp"

namespace millrace::cli {

OutputText::OutputText(const std::string& path) {
  if (path != "-") file_ = File::open(path, File::Mode::write_new);
}

void OutputText::write(std::string_view text) {
  if (file_) return file_.write_all(text);
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) throw_errno("standard output", errno);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace millrace::cli
