// SPDX-License-Identifier: Apache-2.0
// Rows of the generated weather station, without a file.
#pragma once

#include "millrace/source/source.hpp"

namespace millrace {

SourceInfo synthetic_source();

}  // namespace millrace
