// SPDX-License-Identifier: Apache-2.0
// Quarantined rows as lines of JSON, as millrace/sink/quarantine.hpp has them.
#pragma once

#include <string>

#include "millrace/sink/output.hpp"

namespace millrace {

// `first_row`: how many rows of the input came before the message.
void append_rejects(const SinkMessage& message, std::uint64_t first_row, std::string& out);

}  // namespace millrace
