// SPDX-License-Identifier: Apache-2.0
// Rows from files: the sources jsonl and csv.
#pragma once

#include "millrace/source/source.hpp"

namespace millrace {

SourceInfo jsonl_source();
SourceInfo csv_source();
// How such a source's options say that its rows are read; csv_columns only if they are given.
DecodeOptions file_decode_options(const Options& options, RowFormat format);

}  // namespace millrace
