// SPDX-License-Identifier: Apache-2.0
// Quarantined rows as lines of JSON, as millrace/sink/quarantine.hpp has them.
#pragma once

#include "millrace/sink/output.hpp"
#include "sink/growing_file.hpp"

namespace millrace {

// In pieces: no text of a whole payload is made. `first_row`: how many rows of the input came before the
// message.
void append_rejects(const SinkMessage& message, std::uint64_t first_row, GrowingFile& file);

}  // namespace millrace
