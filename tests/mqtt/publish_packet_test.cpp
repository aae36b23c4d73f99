// SPDX-License-Identifier: Apache-2.0
#include "mqtt/publish_packet.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace std::string_literals;
using millrace::mqtt::parse_publish;

namespace {

const std::string topic = "\0\4a/b\303"s, packet_id = "\1\2"s, rows = "{\"x\":1}"s;

}  // namespace

BOOST_AUTO_TEST_CASE(the_parts_of_a_publication_are_found) {
  const std::string body = topic + packet_id + rows;
  const auto delivery = parse_publish(0x3d, body, false);
  BOOST_REQUIRE(delivery);
  BOOST_TEST(delivery->topic == "a/b\303"s);
  BOOST_TEST(delivery->payload == rows);
  BOOST_TEST(delivery->packet_id == 0x102);
  BOOST_TEST(delivery->qos == 2);
  BOOST_TEST(delivery->is_duplicate);
  BOOST_TEST(delivery->is_retained);
  BOOST_TEST(!parse_publish(0x34, body, false)->is_duplicate);
  BOOST_TEST(!parse_publish(0x34, body, false)->is_retained);
}

BOOST_AUTO_TEST_CASE(properties_of_version_5_are_skipped_however_long) {
  for (const std::size_t size : {0, 1, 127, 128, 16383, 16384, 2097152}) {
    std::string length;
    for (auto left = size; length.empty() || left > 0; left >>= 7)
      length += static_cast<char>((left & 127) | (left > 127 ? 128 : 0));
    const auto body = topic + packet_id + length + std::string(size, '\1') + rows;
    const auto delivery = parse_publish(0x34, body, true);
    BOOST_REQUIRE(delivery);
    BOOST_TEST(delivery->payload == rows);
  }
}

BOOST_AUTO_TEST_CASE(a_packet_that_is_cut_short_is_none) {
  const std::string head = topic + packet_id + "\3\1\1\1"s;
  for (std::size_t size = 0; size < head.size(); ++size)
    BOOST_TEST(!parse_publish(0x34, std::string_view(head).substr(0, size), true), "of " << size << " bytes");
  BOOST_TEST(parse_publish(0x34, head, true)->payload.empty());
  BOOST_TEST(!parse_publish(0x34, topic + packet_id + "\377\377\377\377\1"s, true));
}

BOOST_AUTO_TEST_CASE(qos_0_has_no_packet_id) {
  const std::string body = topic + rows;
  const auto delivery = parse_publish(0x30, body, false);
  BOOST_REQUIRE(delivery);
  BOOST_TEST(delivery->packet_id == 0);
  BOOST_TEST(delivery->payload == rows);
}

BOOST_AUTO_TEST_CASE(another_packet_is_no_publication) {
  BOOST_TEST(!parse_publish(0x40, topic + packet_id + rows, false));
}
