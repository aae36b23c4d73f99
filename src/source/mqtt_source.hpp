// SPDX-License-Identifier: Apache-2.0
// Rows published over MQTT.
#pragma once

#include "millrace/source/source.hpp"

namespace millrace {

SourceInfo mqtt_source();

}  // namespace millrace
