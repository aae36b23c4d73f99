// SPDX-License-Identifier: Apache-2.0
// Value: what a row says of one column, before it is fitted to the column's type.
#pragma once

#include <cstdint>
#include <string_view>

#include "number.hpp"

namespace millrace {

enum class ValueKind : std::uint8_t { missing, number, not_finite, truth, falsehood, text, object, array };

struct Value {
  ValueKind kind = ValueKind::missing;
  NumberError error = NumberError::none;  // of `number`
  double number = 0;
  std::string_view text = {};  // the text, or the number's digits as they stand; valid while its row is read,
                               // and 16 bytes from its beginning are readable
};

}  // namespace millrace
