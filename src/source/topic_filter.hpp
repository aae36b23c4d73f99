// SPDX-License-Identifier: Apache-2.0
// What MQTT's topic filters stand for (MQTT 5, section 4.7): + is a whole level, # all that follow.
#pragma once

#include <string_view>

namespace millrace {

// Whether there is a topic that both filters match. Shared subscriptions count without their $share/GROUP/.
bool filters_overlap(std::string_view one, std::string_view other);

}  // namespace millrace
