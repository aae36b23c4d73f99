// SPDX-License-Identifier: Apache-2.0
#include "mqtt/publish_packet.hpp"

namespace millrace::mqtt {
namespace {

bool take_number(std::string_view& rest, std::uint16_t& number) {
  if (rest.size() < 2) return false;
  number = static_cast<std::uint16_t>(static_cast<unsigned char>(rest[0]) << 8 |
                                      static_cast<unsigned char>(rest[1]));
  rest.remove_prefix(2);
  return true;
}

// A length of one to four bytes, seven bits each, and as many bytes.
bool skip_properties(std::string_view& rest) {
  std::size_t length = 0;
  for (std::size_t byte = 0; byte < 4 && byte < rest.size(); ++byte) {
    const auto bits = static_cast<unsigned char>(rest[byte]);
    length |= static_cast<std::size_t>(bits & 127) << (7 * byte);
    if ((bits & 128) != 0) continue;
    if (length > rest.size() - byte - 1) return false;
    rest.remove_prefix(byte + 1 + length);
    return true;
  }
  return false;
}

}  // namespace

std::optional<Delivery> parse_publish(unsigned char first_byte, std::string_view body, bool is_v5) {
  if (first_byte >> 4 != 3) return std::nullopt;
  Delivery delivery;
  delivery.qos = first_byte >> 1 & 3;
  delivery.is_duplicate = (first_byte & 8) != 0;
  delivery.is_retained = (first_byte & 1) != 0;
  std::uint16_t topic_bytes = 0;
  if (!take_number(body, topic_bytes) || topic_bytes > body.size()) return std::nullopt;
  delivery.topic = body.substr(0, topic_bytes);
  body.remove_prefix(topic_bytes);
  if (delivery.qos > 0 && !take_number(body, delivery.packet_id)) return std::nullopt;
  if (is_v5 && !skip_properties(body)) return std::nullopt;
  delivery.payload = body;
  return delivery;
}

}  // namespace millrace::mqtt
