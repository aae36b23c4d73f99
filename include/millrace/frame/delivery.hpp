// SPDX-License-Identifier: Apache-2.0
// Delivery: one publication as the broker delivered it. Views, valid for as long as whoever hands it out
// says.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace {

struct Delivery {
  std::uint16_t packet_id = 0;  // 0 at QoS 0
  std::uint8_t qos = 0;
  bool is_duplicate = false, is_retained = false;  // the flags DUP and RETAIN
  double arrival_unix_s = 0;
  std::string_view topic, payload;
};

}  // namespace millrace
