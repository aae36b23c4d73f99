// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>

#include "millrace/base/error.hpp"
#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {
namespace {

[[noreturn]] void refuse(std::string_view address, std::string_view why) {
  throw Error(ExitCode::project_refused, fmt::format("broker {}: {}", address, why));
}

std::uint16_t port_of(std::string_view address, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    refuse(address, "its port is no number from 1 to 65535");
  return port;
}

}  // namespace

Broker parse_broker(std::string_view address) {
  Broker broker;
  auto rest = address;
  if (rest.find('@') != std::string_view::npos)
    throw Error(ExitCode::project_refused,
                "broker: leave user and password out of the address; there are options for them");
  if (rest.starts_with("mqtts://")) {
    broker.tls = true;
    broker.port = 8883;
    rest.remove_prefix(8);
  } else if (rest.starts_with("mqtt://")) {
    rest.remove_prefix(7);
  } else {
    refuse(address, "expected mqtt://host[:port] or mqtts://host[:port]");
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos) refuse(address, "a bracket is not closed");
  const auto colon = rest.find(':', bracket);
  broker.host = rest.substr(0, colon);
  if (colon != std::string_view::npos) broker.port = port_of(address, rest.substr(colon + 1));
  if (broker.host.empty() || broker.host.find('/') != std::string::npos)
    refuse(address, "expected mqtt://host[:port]");
  return broker;
}

std::string text_of(const Broker& broker) {
  return fmt::format("{}://{}:{}", broker.tls ? "mqtts" : "mqtt", broker.host, broker.port);
}

}  // namespace millrace::mqtt
