// SPDX-License-Identifier: Apache-2.0
// What no single value of a project is wrong about, but some of them together are.
#pragma once

#include <vector>

#include "config/document.hpp"

namespace millrace {

// `given`: the project's own fields that the file sets. Options of a part that was refused are empty.
void find_contradictions(const Project& project, const Json& given, std::vector<Problem>& problems);

}  // namespace millrace
