// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/log_lines.hpp"
#include "mqtt/subscriber.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// The broker's lines for TLS with certificate `name`.
std::vector<std::string> tls_lines(const Certificates& files, const std::string& name) {
  return {"allow_anonymous true", "certfile " + files(name + ".crt"), "keyfile " + files(name + ".key")};
}

// How a connection ends, and what it says.
std::string refusal(const mqtt::ConnectSettings& settings) {
  LogLines log;
  auto connection = mqtt::make_connection(settings, {});
  connection->start();
  if (connection->wait_until_ready(30)) return "";
  const auto status = connection->status();
  BOOST_TEST((status.state == mqtt::ConnectionState::refused));
  BOOST_TEST(!log.has(status.refusal));  // whoever owns the connection says it, once
  for (const auto& line : log.lines) BOOST_TEST(line.find("hush") == std::string::npos, line);
  return status.refusal;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> lines_that_want_a_certificate(const Certificates& files) {
  auto lines = tls_lines(files, "server");
  lines.push_back("require_certificate true");
  lines.push_back("cafile " + files("ca.crt"));
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_wrong_password_is_a_refusal) {
  TemporaryFolder folder;
  const auto passwords = (folder / "passwords").string();
  BOOST_REQUIRE(std::system(("mosquitto_passwd -b -c " + passwords + " me right-hush 2>/dev/null").c_str()) ==
                0);
  PrivateBroker broker({"allow_anonymous false", "password_file " + passwords});
  broker.start();
  for (const bool is_v5 : {false, true}) {
    auto settings = connect_to(broker.url(), "c", is_v5);
    BOOST_TEST(has(refusal(settings), "it may want `user` and `password`"));
    settings.user = "me";
    settings.password = "wrong-hush";
    BOOST_TEST(has(refusal(settings), "check `user` and `password`"));
    settings.password = "right-hush";
    BOOST_TEST(refusal(settings) == "");
  }
}

BOOST_AUTO_TEST_CASE(the_right_certificates_pass) {
  const Certificates files;
  PrivateBroker broker(tls_lines(files, "server"), true);
  broker.start();
  for (const bool is_v5 : {false, true})
    for (const auto* host : {"localhost", "127.0.0.1"}) {
      auto settings = connect_to(broker.url(host), "c", is_v5);
      settings.ca_file = files("ca.crt");
      BOOST_TEST(refusal(settings) == "");
    }
}

BOOST_AUTO_TEST_CASE(a_certificate_of_another_authority_is_a_refusal) {
  const Certificates files;
  PrivateBroker broker(tls_lines(files, "server"), true);
  broker.start();
  auto settings = connect_to(broker.url(), "c");
  BOOST_TEST(has(refusal(settings), "certificate is not trusted"));
  settings.ca_file = files("other_ca.crt");
  BOOST_TEST(has(refusal(settings), "`ca_file` must hold the authority"));
  settings.ca_file = files("certificates.log");
  BOOST_TEST(has(refusal(settings), "ca_file " + files("certificates.log")));
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_name_is_a_refusal) {
  const Certificates files;
  PrivateBroker broker(tls_lines(files, "elsewhere"), true);
  broker.start();
  for (const auto* host : {"localhost", "127.0.0.1"}) {
    auto settings = connect_to(broker.url(host), "c");
    settings.ca_file = files("ca.crt");
    BOOST_TEST(has(refusal(settings), std::string("certificate is not for the name ") + host));
  }
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_a_refusal) {
  const Certificates files;
  PrivateBroker broker(tls_lines(files, "expired"), true);
  broker.start();
  auto settings = connect_to(broker.url(), "c");
  settings.ca_file = files("ca.crt");
  BOOST_TEST(has(refusal(settings), "certificate has expired"));
}

BOOST_AUTO_TEST_CASE(a_missing_or_strange_client_certificate_is_a_refusal) {
  const Certificates files;
  PrivateBroker broker(lines_that_want_a_certificate(files), true);
  broker.start();
  auto settings = connect_to(broker.url(), "c");
  settings.ca_file = files("ca.crt");
  BOOST_TEST(has(refusal(settings), "may want a certificate of this client, which has none"));
  settings.certificate_file = files("stranger.crt");
  settings.key_file = files("stranger.key");
  BOOST_TEST(has(refusal(settings), "does not accept this client's certificate"));
  settings.key_file = files("client.key");
  BOOST_TEST(has(refusal(settings), "key_file " + files("client.key")));
  settings.certificate_file = files("client.crt");
  BOOST_TEST(refusal(settings) == "");
}

BOOST_AUTO_TEST_CASE(an_encrypted_key_is_opened_by_its_pass_phrase_and_nobody_is_asked_for_it) {
  const Certificates files;
  PrivateBroker broker(lines_that_want_a_certificate(files), true);
  broker.start();
  auto settings = connect_to(broker.url(), "c");
  settings.ca_file = files("ca.crt");
  settings.certificate_file = files("client.crt");
  settings.key_file = files("locked.key");
  BOOST_TEST(has(refusal(settings), "locked.key is encrypted: it needs a `key_password`"));
  settings.key_password = "wrong-hush";
  BOOST_TEST(has(refusal(settings), "locked.key is encrypted: `key_password` does not open it"));
  settings.key_password = "locked-hush";
  BOOST_TEST(refusal(settings) == "");
}

BOOST_AUTO_TEST_CASE(the_second_broker_is_used_when_the_first_is_absent_or_refuses) {
  PrivateBroker absent, strict({"allow_anonymous false"}), open;
  strict.start();
  open.start();
  auto settings = connect_to(absent.url(), "c");
  settings.brokers.push_back(mqtt::parse_broker(strict.url()));
  settings.brokers.push_back(mqtt::parse_broker(open.url()));
  BOOST_TEST(refusal(settings) == "");
}
