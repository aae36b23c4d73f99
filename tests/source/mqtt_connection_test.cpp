// SPDX-License-Identifier: Apache-2.0
// Connections that come late, break, pause, or never come about.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "millrace/base/error.hpp"
#include "source/mqtt_fixture.hpp"
#include "source/session_notes.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

const std::string versions[] = {"3.1.1", "5"};

// Publishes on a thread of its own.
class Stream {
 public:
  Stream(const PrivateBroker& broker, int count)
      : thread_([&broker, count] { publish(broker, {.count = count, .qos = 2}); }) {}
  ~Stream() { thread_.join(); }

 private:
  std::thread thread_;
};

// mosquitto's, wherever the distribution puts it.
std::string plugin(const std::string& name) {
  for (const auto& folder : fs::directory_iterator("/usr/lib"))
    if (fs::exists(folder.path() / name)) return (folder.path() / name).string();
  return name;
}

// By the journal's rule: a redelivery has DUP set, and the last delivery with its packet id had the same
// payload.
std::multiset<std::string> without_redeliveries(const Receiver& receiver) {
  std::map<std::uint16_t, std::string> last;
  std::multiset<std::string> payloads;
  for (const auto& one : receiver.kept()) {
    auto& before = last[one.packet_id];
    if (!one.is_duplicate || before != one.payload) payloads.insert(one.payload);
    before = one.payload;
  }
  return payloads;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_broker_that_is_absent_at_the_start_is_waited_for, MqttFixture) {
  broker.kill();
  Receiver receiver(given(), session_file);
  BOOST_REQUIRE(wait_for([&] { return log.has("trying until it answers"); }));
  BOOST_TEST((receiver.source().status().state == LiveState::connecting));
  broker.start();
  BOOST_REQUIRE(receiver.is_receiving());
  publish(broker, {});
  BOOST_TEST(receiver.keeps(1));
}

BOOST_FIXTURE_TEST_CASE(a_pause_loses_nothing, MqttFixture) {
  for (const auto& version : versions)
    for (const std::int64_t qos : {1, 2}) {
      const auto name = version + "/" + std::to_string(qos);
      Receiver receiver(given({{"version", version}, {"qos", qos}, {"client_id", name}}),
                        folder / std::to_string(qos));
      BOOST_REQUIRE(receiver.is_receiving());
      {
        const Stream stream(broker, 3000);
        for (const std::size_t at : {500, 1500, 2500}) {
          BOOST_REQUIRE(receiver.keeps(at));
          receiver.source().pause();
          BOOST_REQUIRE(receiver.reaches(LiveState::paused));
          const auto before = receiver.kept().size();
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          BOOST_TEST(receiver.kept().size() == before);
          receiver.source().resume();
          BOOST_REQUIRE(receiver.is_receiving());
        }
      }
      wait_for([&] { return without_redeliveries(receiver).size() >= 3000; });
      BOOST_TEST(without_redeliveries(receiver) == numbers(3000));
      BOOST_TEST(receiver.sessions().size() == 1);
    }
}

// From a queue that the broker holds, since a publisher that loses its connection may send twice.
BOOST_FIXTURE_TEST_CASE(a_broker_that_is_started_again_and_again_loses_nothing, MqttFixture) {
  for (const auto& version : versions)
    for (const std::int64_t qos : {1, 2}) {
      const auto name = version + "/" + std::to_string(qos);
      const auto options = given(
          {{"version", version}, {"qos", qos}, {"client_id", name}, {"receive_maximum", std::int64_t{20}}});
      const auto session = folder / name.substr(name.size() - 1);
      BOOST_REQUIRE(Receiver(options, session).is_receiving());
      publish(broker, {.count = 3000, .qos = 2});
      Receiver receiver(options, session);
      for (const std::size_t at : {500, 1500, 2500}) {
        BOOST_REQUIRE(receiver.keeps(at));
        broker.stop();
        broker.start();
      }
      wait_for([&] { return without_redeliveries(receiver).size() >= 3000; });
      BOOST_TEST(without_redeliveries(receiver) == numbers(3000));
      BOOST_TEST(receiver.sessions().empty());
    }
}

BOOST_FIXTURE_TEST_CASE(an_unreachable_broker_is_given_up_when_that_was_said, MqttFixture) {
  broker.kill();
  Receiver receiver(given({{"give_up_after_s", 0.2}}), session_file);
  BOOST_TEST(receiver.refusal().find("given up after 0.2 s") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_subscription_that_the_broker_refuses_is_a_refusal) {
  TemporaryFolder folder;
  const auto rules = (folder / "rules").string();
  BOOST_REQUIRE(std::system(("mosquitto_ctrl dynsec init " + rules + " admin hush >/dev/null").c_str()) == 0);
  PrivateBroker broker({"allow_anonymous false"});
  broker.configure("plugin " + plugin("mosquitto_dynamic_security.so"));
  broker.configure("plugin_opt_config_file " + rules);
  broker.start();
  const auto add_user = "mosquitto_ctrl -h localhost -p " + std::to_string(broker.port()) +
                        " -u admin -P hush dynsec createClient guest -p guest >/dev/null";
  BOOST_REQUIRE(std::system(add_user.c_str()) == 0);
  for (const auto& version : versions) {
    std::ofstream(folder / "session") << "millrace session notes 1\nclient_id run" << version << "\nbroker "
                                      << broker.url() << "\nsubscription 1 1 forbidden/#\n";
    Receiver receiver({{"broker", Texts{broker.url()}},
                       {"client_id", "run" + version},
                       {"version", version},
                       {"user", std::string("guest")},
                       {"password", std::string("guest")},
                       {"topic", Texts{"forbidden/#"}}},
                      folder / "session");
    const auto refusal = receiver.refusal();
    BOOST_TEST(refusal.find("the broker refuses the subscription to forbidden/#") != std::string::npos,
               refusal);
    // The session that had it is gone; the next run must ask for it.
    const auto notes = SessionNotes::read(folder / "session", "run" + version);
    BOOST_TEST(notes.sessions.at(broker.url()).empty());
  }
}

struct ModestBroker : MqttFixture {
  ModestBroker() : MqttFixture({"allow_anonymous true", "max_qos 1", "max_packet_size 100000"}) {}
};

BOOST_FIXTURE_TEST_CASE(what_allows_loss_is_warned_of, ModestBroker) {
  {
    Receiver receiver(given({{"qos", std::int64_t{2}}, {"session_expiry_s", std::int64_t{60}}}),
                      session_file);
    BOOST_REQUIRE(receiver.is_receiving());
    BOOST_TEST(log.has("grants t QoS 1 where 2 was asked for"));
    BOOST_TEST(log.has("keeps the session for 60 s"));
    BOOST_TEST(log.has("maximum packet size 100000 bytes"));
    BOOST_TEST(log.has("new session, subscribed to t (QoS 1)"));
    publish(broker, {.qos = 0});
    BOOST_REQUIRE(receiver.keeps(1));
    BOOST_TEST(log.has("was published with QoS 0"));
  }
  Receiver receiver(given({{"qos", std::int64_t{0}}}), session_file);
  BOOST_REQUIRE(receiver.is_receiving());
  BOOST_TEST(log.has("t at QoS 0: rows are lost"));
}

BOOST_FIXTURE_TEST_CASE(contradictions_are_refused_before_anything_starts, MqttFixture) {
  const auto refused = [&](const Given& more) {
    BOOST_CHECK_EXCEPTION(make_mqtt(given(more)), Error,
                          [](const Error& error) { return error.code() == ExitCode::project_refused; });
  };
  refused({{"version", std::string("3.1.1")}, {"shared_group", std::string("g")}});
  refused({{"topic", Texts{"a/#/b"}}});
  refused({{"topic", Texts{"a+"}}});
  refused({{"topic", Texts{"a\nb"}}});
  refused({{"topic", Texts{}}});
  refused({{"topic", Texts{"a/#", "a/b"}}});
  refused({{"journal_max_bytes", 127.0 * (1 << 20)}});
  refused({{"client_id", std::string()}});
  refused({{"password", std::string("hush")}});
  refused({{"ca_file", std::string("/nowhere")}});
  refused({{"ca_file", folder.path().string()}});
  refused({{"payload", std::string("csv")}});
  BOOST_TEST((make_mqtt(given())->status().state == LiveState::connecting));
}

BOOST_FIXTURE_TEST_CASE(options_of_csv_payloads_reach_the_decoder, MqttFixture) {
  const auto decode = make_mqtt(given({{"payload", std::string("csv")},
                                       {"columns", Texts{"x", "y"}},
                                       {"delimiter", std::string(";")},
                                       {"missing_values", Texts{"NA", "-"}}}))
                          ->decode_options();
  BOOST_TEST((decode.format == RowFormat::csv));
  BOOST_TEST(decode.csv_columns == (Texts{"x", "y"}));
  BOOST_TEST(decode.csv_delimiter == ';');
  BOOST_TEST(decode.csv_missing == (Texts{"NA", "-"}));
}
