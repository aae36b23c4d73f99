// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "millrace/mqtt/connection.hpp"

using namespace millrace;
using mqtt::parse_broker;

BOOST_AUTO_TEST_CASE(an_address_gives_host_port_and_tls) {
  const auto check = [](const char* address, const char* expected) {
    BOOST_TEST(text_of(parse_broker(address)) == expected);
  };
  check("mqtt://localhost", "mqtt://localhost:1883");
  check("mqtts://broker.example/", "mqtts://broker.example:8883");
  check("mqtt://10.0.0.7:65535", "mqtt://10.0.0.7:65535");
  check("mqtts://[::1]:18", "mqtts://[::1]:18");
  check("mqtt://[fe80::1]", "mqtt://[fe80::1]:1883");
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  for (const auto* address : {"", "localhost", "tcp://localhost", "mqtt://", "mqtt://:1883", "mqtt://a:0",
                              "mqtt://a:65536", "mqtt://a:1x", "mqtt://a:", "mqtt://[::1", "mqtt://a/topic"})
    BOOST_CHECK_THROW(parse_broker(address), Error);
}

BOOST_AUTO_TEST_CASE(a_password_in_an_address_is_refused_and_not_repeated) {
  try {
    parse_broker("mqtt://me:hush@localhost");
    BOOST_FAIL("taken");
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find("hush") == std::string::npos);
  }
}
