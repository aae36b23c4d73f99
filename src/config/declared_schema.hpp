// SPDX-License-Identifier: Apache-2.0
// "schema": {"columns": [...]} -> Schema.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/document.hpp"

namespace millrace {

// Empty if there is a problem.
std::optional<Schema> check_schema(const Document& document, const Json& value, const std::string& path,
                                   std::vector<Problem>& problems);

}  // namespace millrace
