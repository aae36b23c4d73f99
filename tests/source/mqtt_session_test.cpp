// SPDX-License-Identifier: Apache-2.0
// Sessions: what they keep while nobody is there, and what they are subscribed to.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "source/mqtt_fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

const std::string versions[] = {"3.1.1", "5"};

}  // namespace

BOOST_FIXTURE_TEST_CASE(every_qos_of_every_version_delivers_everything_once_and_a_new_session_begins_once,
                        MqttFixture) {
  for (const auto& version : versions)
    for (const std::int64_t qos : {0, 1, 2}) {
      const auto name = version + "/" + std::to_string(qos);
      Receiver receiver(
          given({{"version", version}, {"qos", qos}, {"client_id", name}, {"topic", Texts{name}}}),
          folder / std::to_string(qos));
      BOOST_REQUIRE(receiver.is_receiving());
      publish(broker, {.topic = name, .count = 2000, .qos = 2});
      BOOST_REQUIRE(receiver.keeps(2000));
      receiver.source().stop();
      BOOST_TEST(receiver.payloads() == numbers(2000));
      BOOST_TEST((receiver.sessions() == std::vector<std::size_t>{0}));
      for (const auto& one : receiver.kept()) {
        BOOST_TEST(one.qos == qos);
        BOOST_TEST((one.packet_id != 0) == (qos != 0));
        BOOST_TEST(!one.is_duplicate);
        BOOST_TEST(one.topic == name);
      }
    }
}

BOOST_FIXTURE_TEST_CASE(what_is_published_while_nobody_is_there_comes_with_the_next_start, MqttFixture) {
  for (const auto& version : versions)
    for (const std::int64_t qos : {1, 2}) {
      const auto name = version + "/" + std::to_string(qos);
      const auto options =
          given({{"version", version}, {"qos", qos}, {"client_id", name}, {"topic", Texts{name}}});
      const auto file = folder / ("session" + std::to_string(qos));
      {
        Receiver receiver(options, file);
        BOOST_REQUIRE(receiver.is_receiving());
      }
      publish(broker, {.topic = name, .count = 500, .qos = 2});
      Receiver receiver(options, file);
      BOOST_REQUIRE(receiver.keeps(500));
      receiver.source().stop();
      BOOST_TEST(receiver.payloads() == numbers(500));
      BOOST_TEST(receiver.sessions().empty());  // the broker had it
    }
}

BOOST_FIXTURE_TEST_CASE(a_session_that_the_broker_has_lost_begins_anew_before_its_first_delivery,
                        MqttFixture) {
  Receiver receiver(given(), session_file);
  BOOST_REQUIRE(receiver.is_receiving());
  publish(broker, {.count = 10});
  BOOST_REQUIRE(receiver.keeps(10));
  broker.kill();
  fs::remove(broker.folder() / "mosquitto.db");
  broker.start();
  BOOST_REQUIRE(wait_for([&] { return receiver.source().status().reconnects == 1; }));
  publish(broker, {.first = 10, .count = 10});
  BOOST_REQUIRE(receiver.keeps(20));
  BOOST_TEST((receiver.sessions() == std::vector<std::size_t>{0, 10}));
  BOOST_TEST(log.has("has lost the session of run"));
}

BOOST_FIXTURE_TEST_CASE(a_changed_list_of_topics_removes_the_old_subscription_and_says_so, MqttFixture) {
  for (const auto& version : versions) {
    const auto file = folder / ("session" + version);
    const auto options = [&](const Texts& topics) {
      return given({{"client_id", "c" + version}, {"version", version}, {"topic", topics}});
    };
    {
      Receiver receiver(options({"old", "both/+"}), file);
      BOOST_REQUIRE(receiver.is_receiving());
    }
    {
      Receiver receiver(options({"both/+", "new/#"}), file);
      BOOST_REQUIRE(receiver.is_receiving());
      BOOST_TEST(log.has("unsubscribed from old"));
      publish(broker, {.topic = "old"});
      publish(broker, {.topic = "both/a"});
      publish(broker, {.topic = "new/b/c"});
      BOOST_REQUIRE(receiver.keeps(2));
    }
    publish(broker, {.topic = "old"});
    publish(broker, {.topic = "new"});
    Receiver receiver(options({"both/+", "new/#"}), file);
    BOOST_REQUIRE(receiver.keeps(1));
    BOOST_TEST(receiver.kept().front().topic == "new");
    BOOST_TEST(receiver.kept().size() == 1);
  }
}

BOOST_FIXTURE_TEST_CASE(a_retained_publication_comes_once_a_session_and_not_at_every_start, MqttFixture) {
  BOOST_REQUIRE(
      std::system(("mosquitto_pub -r -q 1 -t t -m kept -p " + std::to_string(broker.port())).c_str()) == 0);
  for (const auto& version : versions) {
    const auto options = given({{"version", version}, {"client_id", "c" + version}});
    const auto file = folder / ("session" + version);
    for (const std::size_t expected : {1, 0}) {
      Receiver receiver(options, file);
      BOOST_REQUIRE(receiver.is_receiving());
      publish(broker, {});
      BOOST_REQUIRE(receiver.keeps(expected + 1));
      BOOST_TEST(receiver.kept().size() == expected + 1);
      BOOST_TEST(receiver.kept().front().is_retained == (expected == 1));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(damaged_notes_and_those_of_another_client_are_left_aside_with_a_warning,
                        MqttFixture) {
  std::ofstream(session_file) << "millrace session notes 1\nclient_id run\nsubscription 1 1 t\n";
  {
    Receiver receiver(given(), session_file);
    BOOST_REQUIRE(receiver.is_receiving());
    BOOST_TEST(log.has("is damaged and left aside"));
  }
  Receiver receiver(given({{"client_id", std::string("other")}}), session_file);
  BOOST_REQUIRE(receiver.is_receiving());
  BOOST_TEST(log.has("the client_id was run before and is other now"));
}

BOOST_FIXTURE_TEST_CASE(two_clients_of_a_group_share_what_is_published, MqttFixture) {
  const auto options = [&](const std::string& client_id) {
    return given({{"client_id", client_id}, {"shared_group", std::string("g")}});
  };
  Receiver one(options("one"), folder / "one"), other(options("other"), folder / "other");
  BOOST_REQUIRE(one.is_receiving() && other.is_receiving());
  publish(broker, {.count = 1000});
  BOOST_REQUIRE(wait_for([&] { return one.kept().size() + other.kept().size() >= 1000; }));
  one.source().stop();
  other.source().stop();
  auto payloads = one.payloads();
  payloads.merge(other.payloads());
  BOOST_TEST(payloads == numbers(1000));
  BOOST_TEST(!one.kept().empty());
  BOOST_TEST(!other.kept().empty());
}

BOOST_FIXTURE_TEST_CASE(another_broker_than_before_begins_a_session_of_ours, MqttFixture) {
  PrivateBroker second;
  second.start();
  const auto options = given({{"broker", Texts{broker.url(), second.url()}}});
  Receiver receiver(options, session_file);
  BOOST_REQUIRE(receiver.is_receiving());
  broker.kill();
  BOOST_REQUIRE(wait_for([&] { return receiver.source().status().reconnects == 1; }));
  second.kill();
  broker.start();
  BOOST_REQUIRE(wait_for([&] { return receiver.source().status().reconnects == 2; }));
  BOOST_TEST(receiver.sessions().size() == 3);
}
