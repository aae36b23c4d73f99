// SPDX-License-Identifier: Apache-2.0
// The mqtt sink: rows are published, and acknowledged by the broker before they are committed. Beside the
// manifest nothing is kept, so what was published behind the last commit cannot be taken back: at least once.
#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/mqtt/connect_options.hpp"
#include "millrace/mqtt/publisher.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

constexpr std::size_t most_topic_bytes = 65000;
// The publisher's payloads and the client library's copies of them, and the text of a message.
constexpr std::uint64_t memory_of_sink = 48u << 20;

struct MqttSinkSettings {
  mqtt::PublisherSettings publisher;
  std::string topic;
  int qos = 1;
  PayloadForm form = PayloadForm::row;
};

void check_topic(const std::string& topic) {
  const auto refuse = [](const char* why) {
    throw Error(ExitCode::project_refused, fmt::format("sink.mqtt.topic: {}", why));
  };
  if (topic.empty() || topic.size() > most_topic_bytes) refuse("a topic has 1 to 65000 bytes");
  if (topic.find_first_of("+#") != std::string::npos) refuse("+ and # are for subscribers");
  if (topic.front() == '$') refuse("topics that begin with $ are the broker's own");
  if (!is_utf8(topic) ||
      std::any_of(topic.begin(), topic.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    refuse("a topic is UTF-8 without control characters");
}

MqttSinkSettings settings_of(const Options& options) {
  MqttSinkSettings settings;
  auto& connect = settings.publisher.connect;
  connect = mqtt::connect_settings(options, "sink.mqtt");
  if (connect.client_id.empty())
    connect.client_id = fmt::format("millrace-sink-{:08x}", std::random_device{}());
  settings.topic = options.text("topic");
  check_topic(settings.topic);
  settings.qos = static_cast<int>(options.integer("qos"));
  settings.form = payload_form(options.text("payload"));
  return settings;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

class MqttSink : public Sink {
 public:
  explicit MqttSink(MqttSinkSettings settings) : settings_(std::move(settings)) {}

  void recover(Manifest&) override {}
  void remove_all() override {}
  void check(const Schema&, bool) const override {}

  void begin(Manifest&) override { publisher_ = mqtt::make_publisher(settings_.publisher); }

  void write(SinkMessage& message, std::uint64_t, std::uint64_t) override {
    text_.clear();
    append_rows(message.result.frame, RowFormat::jsonl, text_);
    const auto rows = lines_of(text_);
    if (rows.empty()) return;
    if (settings_.form != PayloadForm::row) return publish(write_payload(settings_.form, rows));
    for (const auto row : rows) publish(row);
  }

  void seal(CommitEntry&) override {
    at_broker([&] { publisher_->flush(); });
  }

  void committed() override {}
  void tick() override {
    at_broker([&] { publisher_->check(); });
  }
  std::uint64_t memory_bound() const override { return memory_of_sink; }

 private:
  void publish(std::string_view payload) {
    reach_step("publication");
    at_broker([&] { publisher_->publish(settings_.topic, payload, settings_.qos); });
  }

  // What the publisher does not wait for is of no use to try again.
  template <class Step>
  static void at_broker(const Step& step) {
    try {
      step();
    } catch (const Error& error) {
      throw Error(ExitCode::source_refused, fmt::format("sink.{}", error.what()));
    }
  }

  MqttSinkSettings settings_;
  std::string text_;
  std::unique_ptr<mqtt::Publisher> publisher_;
};

}  // namespace

std::vector<OptionSpec> mqtt_sink_options() {
  auto options = mqtt::connect_options();
  const std::vector<OptionSpec> more{
      {.name = "client_id",
       .help = "this run's name at the broker: no other client may have it; default: one of its own a run"},
      {.name = "topic", .help = "what is published to", .required = true},
      {.name = "qos",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1},
       .help = "1 and 2: the broker has acknowledged all rows of a commit, and rows behind the last commit "
               "are published again after a crash; 0: rows are lost with a connection",
       .least = 0,
       .most = 2},
      {.name = "payload",
       .default_value = std::string("row"),
       .help =
           "a JSON object a row, or a payload a message: a JSON array, JSON lines, or base64 of zlib of a "
           "JSON array; a message without rows publishes nothing",
       .choices = {"row", "array", "lines", "packed"}}};
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

void check_mqtt_sink_options(const Options& options) {
  settings_of(options);
}

std::uint64_t mqtt_memory_bound(const Options&, const Schema&) {
  return memory_of_sink;
}

std::unique_ptr<Sink> make_mqtt_sink(const OutputSettings& settings, const OutputPlaces&) {
  return std::make_unique<MqttSink>(settings_of(settings.options));
}

}  // namespace millrace
