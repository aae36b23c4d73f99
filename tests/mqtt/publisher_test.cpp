// SPDX-License-Identifier: Apache-2.0
#include "millrace/mqtt/publisher.hpp"

#include <boost/test/unit_test.hpp>
#include <future>
#include <set>

#include "base/log_lines.hpp"
#include "millrace/base/error.hpp"
#include "mqtt/subscriber.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

mqtt::PublisherSettings publisher_settings(const PrivateBroker& broker, bool is_v5) {
  mqtt::PublisherSettings settings;
  settings.connect = connect_to(broker.url(), "publisher", is_v5);
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_that_is_published_is_acknowledged_and_arrives_in_order) {
  PrivateBroker broker;
  broker.start();
  for (const bool is_v5 : {false, true})
    for (const int qos : {0, 1, 2}) {
      const auto topic = "t/" + std::to_string(qos) + (is_v5 ? "/5" : "/3");
      Subscriber subscriber(connect_to(broker.url(), "subscriber" + topic, is_v5), {{topic, 2}});
      BOOST_REQUIRE(subscriber.connection().wait_until_ready(30));
      const auto publisher = mqtt::make_publisher(publisher_settings(broker, is_v5));
      for (int row = 0; row < 1000; ++row) publisher->publish(topic, std::to_string(row), qos);
      publisher->flush();
      BOOST_TEST(publisher->acknowledged() == 1000);
      BOOST_REQUIRE(subscriber.receives(1000));
      const auto payloads = subscriber.payloads();
      BOOST_TEST(payloads.size() == 1000);
      for (std::size_t row = 0; row < payloads.size(); ++row)
        BOOST_TEST(payloads[row] == std::to_string(row));
    }
}

// Some may come twice: what is unacknowledged when a connection is lost is sent again.
BOOST_AUTO_TEST_CASE(nothing_is_lost_when_the_broker_is_started_again) {
  for (const bool is_v5 : {false, true}) {
    PrivateBroker broker;
    broker.start();
    auto receiving = connect_to(broker.url(), "subscriber", is_v5);
    Subscriber subscriber(receiving, {{"t", 1}});
    BOOST_REQUIRE(subscriber.connection().wait_until_ready(30));
    const auto publisher = mqtt::make_publisher(publisher_settings(broker, is_v5));
    for (int row = 0; row < 6000; ++row) {
      publisher->publish("t", std::to_string(row), 1);
      if (row % 2000 != 1000) continue;
      broker.stop();
      broker.start();
    }
    publisher->flush();
    const auto different = [&] {
      const auto payloads = subscriber.payloads();
      return std::set<std::string>(payloads.begin(), payloads.end()).size();
    };
    BOOST_TEST(wait_for([&] { return different() == 6000; }));
    BOOST_TEST(publisher->acknowledged() == 6000);
  }
}

BOOST_AUTO_TEST_CASE(a_publisher_waits_for_a_broker_and_says_so_once) {
  LogLines log;
  PrivateBroker broker;
  const auto publisher = mqtt::make_publisher(publisher_settings(broker, true));
  BOOST_TEST(wait_for([&] { return log.has("Connection refused; trying until it answers"); }));
  std::thread later([&] { broker.start(); });
  publisher->publish("t", "x", 1);
  publisher->flush();
  later.join();
  BOOST_TEST(publisher->acknowledged() == 1);
}

BOOST_AUTO_TEST_CASE(a_publisher_gives_up_when_it_was_told_to) {
  PrivateBroker broker;
  auto settings = publisher_settings(broker, true);
  settings.connect.give_up_after_s = 0.3;
  const auto publisher = mqtt::make_publisher(settings);
  BOOST_CHECK_EXCEPTION(publisher->connect(), Error, [](const Error& error) {
    return std::string(error.what()).find("Connection refused; given up after 0.3 s") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_payload_that_the_broker_does_not_take_is_refused_before_it_is_sent) {
  PrivateBroker broker;
  broker.configure("max_packet_size 1000");
  broker.start();
  const auto publisher = mqtt::make_publisher(publisher_settings(broker, true));
  publisher->publish("t", std::string(900, 'x'), 1);
  BOOST_CHECK_THROW(publisher->publish("t", std::string(1000, 'x'), 1), Error);
}

BOOST_AUTO_TEST_CASE(only_so_many_bytes_wait_for_acknowledgement_or_one_payload_that_is_larger) {
  PrivateBroker broker;
  broker.start();
  auto settings = publisher_settings(broker, true);
  settings.in_flight_bytes = 1000;
  const auto publisher = mqtt::make_publisher(settings);
  for (int i = 0; i < 10; ++i) publisher->publish("t", std::string(5000, 'x'), 1);
  publisher->flush();
  broker.hang();
  publisher->publish("t", std::string(500, 'x'), 1);
  publisher->publish("t", std::string(500, 'x'), 1);
  auto third = std::async(std::launch::async, [&] { publisher->publish("t", "x", 1); });
  BOOST_TEST((third.wait_for(std::chrono::milliseconds(500)) == std::future_status::timeout));
  broker.go_on();
  third.get();
  publisher->flush();
  BOOST_TEST(publisher->acknowledged() == 13);
}

BOOST_AUTO_TEST_CASE(a_payload_that_mqtt_cannot_carry_is_an_error) {
  PrivateBroker broker;
  broker.start();
  const auto publisher = mqtt::make_publisher(publisher_settings(broker, false));
  BOOST_CHECK_THROW(publisher->publish("t", std::string(268435456, 'x'), 1), Error);
}
