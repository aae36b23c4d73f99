// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {

struct Diagnosis {
  bool is_final = false;  // trying again with the same settings is of no use
  std::string text;       // what is wrong and, if it is final, what to do; "": nothing was found
};

// Why no connection to the broker came about, below MQTT: the client library does not say. Connects once
// more, and shakes hands, to find out.
Diagnosis diagnose(const Broker& broker, const ConnectSettings& settings);

}  // namespace millrace::mqtt
