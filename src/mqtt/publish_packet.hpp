// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "millrace/frame/delivery.hpp"

namespace millrace::mqtt {

// A PUBLISH packet: the first byte of its fixed header, and what follows the packet's length. The delivery's
// views are into `body`. None if the packet is not one, or is cut short.
std::optional<Delivery> parse_publish(unsigned char first_byte, std::string_view body, bool is_v5);

}  // namespace millrace::mqtt
