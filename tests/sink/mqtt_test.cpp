// SPDX-License-Identifier: Apache-2.0
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/mqtt/publisher.hpp"
#include "millrace/sink/planned_output.hpp"
#include "mqtt/subscriber.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

// Rows of the messages; one has none.
const std::vector<std::size_t> sizes{10, 0, 3, 1};

std::string text_of_all() {
  std::string text;
  for (std::size_t sequence = 0; sequence < sizes.size(); ++sequence)
    append_rows(message_of(sequence, 10 * sequence, {.rows = sizes[sequence]}).result.frame, RowFormat::jsonl,
                text);
  return text;
}

void write_all(Output& output) {
  output.begin(header_of_every_type(), one_part());
  for (std::size_t sequence = 0; sequence < sizes.size(); ++sequence)
    output.write(message_of(sequence, 10 * sequence, {.rows = sizes[sequence]}));
}

OutputSettings settings_at(const PrivateBroker& broker, const fs::path& path,
                           std::map<std::string, OptionValue> given = {}) {
  given["broker"] = std::vector<std::string>{broker.url()};
  return settings_of("mqtt", path, std::move(given));
}

// Comes behind everything that was acknowledged before.
void publish_the_end(const std::string& topic) {
  mqtt::PublisherSettings settings;
  settings.connect = connect_to(broker_of_tests().url(), "end");
  const auto publisher = mqtt::make_publisher(settings);
  publisher->publish(topic, "end", 1);
  publisher->flush();
}

Error error_of(const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    return error;
  }
  return {ExitCode::done, ""};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string refusal(std::map<std::string, OptionValue> given) {
  const auto settings = settings_of("mqtt", "out", std::move(given));
  const auto error = error_of([&] { check_sink_options("mqtt", settings.options); });
  BOOST_TEST((error.code() == ExitCode::project_refused || *error.what() == '\0'));
  return error.what();
}

}  // namespace

BOOST_DATA_TEST_CASE(a_subscriber_reads_the_rows_that_were_written,
                     data::make({"row", "array", "lines", "packed"}) * data::make({"5", "3.1.1"}), form,
                     version) {
  const TemporaryFolder folder;
  const auto topic = std::string("rows/") + form + version;
  Subscriber subscriber(connect_to(broker_of_tests().url(), "subscriber" + topic), {{topic, 1}});
  BOOST_REQUIRE(subscriber.connection().wait_until_ready(30));
  const auto output = Output::open(
      settings_of("mqtt", folder / "out",
                  {{"topic", topic}, {"payload", std::string(form)}, {"version", std::string(version)}}));
  write_all(*output);
  output->commit(true);
  publish_the_end(topic);
  const std::size_t publications = form == std::string("row") ? 14 : 3;
  BOOST_REQUIRE(subscriber.receives(publications + 1));
  const auto reader = make_payload_reader({.form = payload_form(form)});
  std::string text;
  const auto payloads = subscriber.payloads();
  BOOST_TEST(payloads.size() == publications + 1);
  BOOST_TEST(payloads.back() == "end");
  for (std::size_t i = 0; i < publications; ++i)
    for (const auto row : reader->read(payloads[i], topic).rows) text.append(row) += '\n';
  BOOST_TEST(text == text_of_all());
}

BOOST_AUTO_TEST_CASE(nothing_is_committed_that_the_broker_has_not_acknowledged) {
  const TemporaryFolder folder;
  PrivateBroker broker;
  broker.start();
  const auto output =
      Output::open(settings_at(broker, folder / "out", {{"give_up_after_s", 0.5}, {"qos", std::int64_t{1}}}));
  write_all(*output);
  output->commit(false);
  broker.hang();
  output->write(message_of(4, 40));
  broker.kill();
  const auto error = error_of([&] { output->commit(false); });
  BOOST_TEST((error.code() == ExitCode::source_refused));
  BOOST_TEST(contains(error.what(), "given up after 0.5 s (give_up_after_s)"));
  BOOST_TEST(output->rows_committed() == 14u);
  BOOST_TEST(output->has_failed());
}

BOOST_AUTO_TEST_CASE(a_refusal_is_noticed_while_there_is_nothing_to_write) {
  const TemporaryFolder folder;
  PrivateBroker broker({"allow_anonymous false"});
  broker.start();
  const auto output = Output::open(settings_at(broker, folder / "out"));
  output->begin(header_of_every_type(), one_part());
  BOOST_TEST(wait_for([&] { return error_of([&] { output->tick(); }).code() == ExitCode::source_refused; }));
  BOOST_TEST(output->has_failed());
}

BOOST_AUTO_TEST_CASE(a_topic_that_the_broker_does_not_allow_ends_the_output) {
  const TemporaryFolder folder;
  const auto rules = folder / "rules";
  replace_file(rules, "topic write allowed\n");
  PrivateBroker broker;
  broker.configure("acl_file " + rules.string());
  broker.start();
  const auto output = Output::open(settings_at(broker, folder / "out"));
  const auto error = error_of([&] {
    write_all(*output);
    output->commit(false);
  });
  BOOST_TEST((error.code() == ExitCode::source_refused));
  BOOST_TEST(
      contains(error.what(), "sink.mqtt: the broker refuses a publication to results: Not authorized"));
  BOOST_TEST(output->rows_committed() == 0u);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_be_right_are_refused_without_a_connection) {
  BOOST_TEST(refusal({}) == "");
  for (const auto* topic : {"", "a/#", "+/a", "$SYS/a", "a\nb", "\xff"})
    BOOST_TEST(contains(refusal({{"topic", std::string(topic)}}), "sink.mqtt.topic: "), topic);
  BOOST_TEST(contains(refusal({{"password", std::string("x")}}), "sink.mqtt.password: it needs a `user`"));
  BOOST_TEST(contains(refusal({{"ca_file", std::string("no/such")}}), "sink.mqtt.ca_file: there is no file"));
}
