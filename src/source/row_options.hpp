// SPDX-License-Identifier: Apache-2.0
// Options that every source of rows as text has, files and live ones alike.
#pragma once

#include "millrace/base/option.hpp"

namespace millrace {

OptionSpec non_finite_option();
OptionSpec max_row_bytes_option();
OptionSpec missing_values_option();  // of CSV

}  // namespace millrace
