// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace {

// `bytes` becomes what `text` is the base64 of (RFC 4648: its alphabet, padded, nothing else). "" or why it
// is none.
std::string read_base64(std::string_view text, std::string& bytes);

}  // namespace millrace
