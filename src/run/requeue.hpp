// SPDX-License-Identifier: Apache-2.0
// The steps of a requeue that differ from those of a run.
#pragma once

#include <string>

#include "millrace/run/prepare.hpp"
#include "millrace/sink/output.hpp"

namespace millrace {

void open_quarantine(const Output& output, PreparedRun& prepared);
void begin_requeue(Output& output, const PreparedRun& prepared);

// The columns of CSV rows as a header line, and where an output keeps it: refused rows can be decoded without
// the input. "" for other rows.
inline constexpr auto csv_columns_attribute = "csv_columns";
std::string csv_columns_text(const DecodeOptions& decode);

}  // namespace millrace
