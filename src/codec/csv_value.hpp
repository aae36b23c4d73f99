// SPDX-License-Identifier: Apache-2.0
// What the text of a CSV field says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "millrace/frame/schema.hpp"
#include "value.hpp"

namespace millrace {

// Does a field without quotes stand for a missing value? Empty ones always do.
bool is_missing(std::string_view field, const std::vector<std::string>& missing);

// Of one that is not missing, given the type that its column has.
Value csv_value(std::string_view field, Type type);

}  // namespace millrace
