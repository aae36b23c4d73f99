// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "source/session_notes.hpp"

namespace millrace {

// Logs what the broker grants, with a warning of what allows loss.
void say_grant(const mqtt::Grant& grant, const std::vector<NotedSubscription>& session,
               const mqtt::ConnectSettings& settings);

}  // namespace millrace
