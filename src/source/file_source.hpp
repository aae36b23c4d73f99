// SPDX-License-Identifier: Apache-2.0
// Rows from files: the sources jsonl and csv.
#pragma once

#include "millrace/source/source.hpp"

namespace millrace {

SourceInfo jsonl_source();
SourceInfo csv_source();

}  // namespace millrace
