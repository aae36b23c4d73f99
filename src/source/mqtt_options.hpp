// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "millrace/base/option.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_decoder.hpp"
#include "millrace/mqtt/connection.hpp"

namespace millrace {

std::vector<OptionSpec> mqtt_options();

struct MqttSettings {
  mqtt::ConnectSettings connect;
  std::vector<mqtt::Subscription> subscriptions;
  PayloadOptions payload;
  DecodeOptions decode;
};

// Throws Error (project_refused).
MqttSettings mqtt_settings(const Options& options);

}  // namespace millrace
