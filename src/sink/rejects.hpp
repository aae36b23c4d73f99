// SPDX-License-Identifier: Apache-2.0
// Quarantined rows as lines of JSON: {"reason": ..., "source": ..., "row": ...}, or "row_base64" where the
// row is not UTF-8.
#pragma once

#include <string>

#include "millrace/sink/output.hpp"

namespace millrace {

void append_rejects(const SinkMessage& message, std::string& out);

}  // namespace millrace
