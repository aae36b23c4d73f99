// SPDX-License-Identifier: Apache-2.0
// What the text of a CSV field says, given the type that its column has.
#pragma once

#include <string_view>

#include "millrace/frame/schema.hpp"
#include "value.hpp"

namespace millrace {

Value csv_value(std::string_view field, bool quoted, Type type);

}  // namespace millrace
