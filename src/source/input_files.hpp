// SPDX-License-Identifier: Apache-2.0
// The files that a `path` option names.
#pragma once

#include <string>
#include <vector>

#include "millrace/source/source.hpp"

namespace millrace {

// Paths and globs, each glob's matches in natural order (rows9 before rows10); "-" stays. Throws Error
// (project_refused) with a line for each path that is missing, no regular file, unreadable, or matches
// nothing; the lines begin with `json_path`.
std::vector<std::string> input_files(const std::vector<std::string>& paths, const std::string& json_path);

}  // namespace millrace
