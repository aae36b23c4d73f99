// SPDX-License-Identifier: Apache-2.0
// Generated rows, published over MQTT.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/source/weather_station.hpp"

namespace millrace::cli {

struct PublicationArguments {
  std::string address;  // mqtt://host[:port]/topic; "": not published
  std::string payload = "row";
  int qos = 1;
  double rate = 0;  // rows/s; 0: as fast as possible
  std::uint64_t rows_per_payload = 1;
  std::string mqtt_version = "5", client_id, user, password_file, ca_file, certificate_file, key_file,
              key_password_file;
  double give_up_after_s = 30;
};

// Says on stderr how much was acknowledged, and how fast.
void publish_rows(WeatherStation& station, std::uint64_t rows, const PublicationArguments& arguments);

}  // namespace millrace::cli
