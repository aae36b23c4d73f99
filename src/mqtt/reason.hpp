// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {

// The reason code of v5 that a return code of CONNACK in 3.1.1 stands for.
int reason_of_connack(int return_code, bool is_v5);
// Is trying again with the same settings of no use?
bool is_final(int reason_code);
// What the broker answered to CONNECT, and what to do.
std::string refusal_text(int reason_code, const ConnectSettings& settings);

}  // namespace millrace::mqtt
