// SPDX-License-Identifier: Apache-2.0
#include "source/mqtt_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/error.hpp"
#include "millrace/mqtt/connect_options.hpp"
#include "source/row_options.hpp"
#include "source/topic_filter.hpp"

namespace millrace {
namespace {

constexpr double mega = 1 << 20;

[[noreturn]] void refuse_option(const std::string& option, const std::string& why) {
  throw Error(ExitCode::project_refused, fmt::format("source.mqtt.{}: {}", option, why));
}

std::vector<OptionSpec> session_specs() {
  return {
      {.name = "client_id",
       .help = "the name of this run's session at the broker: no other client may have it, and it stays",
       .required = true},
      {.name = "topic",
       .kind = OptionKind::texts,
       .help = "a topic, or a list of them; + stands for one level, # at the end for all that follow",
       .required = true},
      {.name = "qos",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1},
       .help = "1 and 2 lose nothing; 0 does",
       .least = 0,
       .most = 2},
      {.name = "session_expiry_s",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{mqtt::never_expires},
       .unit = "s",
       .help =
           "how long the broker keeps rows for this client while it is away (version 5); default: for ever",
       .least = 0,
       .most = double{mqtt::never_expires}},
      {.name = "receive_maximum",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{10000},
       .help =
           "payloads that the broker may send without acknowledgement (version 5); mosquitto 2.0.11 does not "
           "keep to it",
       .least = 1,
       .most = 65534},
      {.name = "shared_group",
       .help = "clients of one group share the topics' payloads among them (version 5)"}};
}

std::vector<OptionSpec> payload_specs() {
  return {
      {.name = "payload",
       .default_value = std::string("row"),
       .help = "a JSON object, a JSON array of them, JSON lines, CSV lines without a header, or base64 of "
               "zlib of "
               "a JSON array; each also gzip'ed",
       .choices = {"row", "array", "lines", "csv", "packed"}},
      {.name = "max_payload_bytes",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{64} << 20,
       .unit = "bytes",
       .help = "a payload that is longer, once decompressed, is quarantined",
       .least = 1,
       .most = 1 << 30},
      {.name = "topic_column", .help = "the name of a column that holds each row's topic"},
      non_finite_option(),
      max_row_bytes_option(),
      {.name = "columns", .kind = OptionKind::texts, .help = "the columns' names (csv)"},
      {.name = "delimiter",
       .default_value = std::string(","),
       .help = "between two fields (csv)",
       .choices = {",", ";", "\t", "|"}},
      missing_values_option()};
}

std::vector<OptionSpec> journal_specs() {
  return {{.name = "journal", .help = "folder of the journal; default: beside the output"},
          {.name = "journal_max_bytes",
           .kind = OptionKind::number,
           .default_value = 4096 * mega,
           .unit = "bytes",
           .help = "all that the journal may take; the source is paused at three quarters of it",
           .least = 16 * mega},
          {.name = "durability",
           .default_value = std::string("process"),
           .help = "acknowledged rows survive the end of any process, or also of the machine",
           .choices = {"process", "power"}}};
}

void check_filter(const std::string& filter) {
  if (filter.empty() || filter.size() > 65000) refuse_option("topic", "a topic has 1 to 65000 bytes");
  if (std::any_of(filter.begin(), filter.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    refuse_option("topic", "a topic has no control characters");
  for (std::size_t at = 0; at < filter.size(); ++at) {
    if (filter[at] != '+' && filter[at] != '#') continue;
    const bool begins = at == 0 || filter[at - 1] == '/';
    const bool ends = at + 1 == filter.size() || (filter[at] == '+' && filter[at + 1] == '/');
    if (!begins || !ends)
      refuse_option("topic",
                    fmt::format("{}: + stands for a whole level, # for all levels at the end", filter));
  }
}

// A payload that never fits would come again at every start.
void check_journal(const Options& options) {
  const auto least = 2 * static_cast<double>(options.integer("max_payload_bytes"));
  if (options.number("journal_max_bytes") < least)
    refuse_option("journal_max_bytes",
                  fmt::format("expected {:.0f} at least, twice `max_payload_bytes`; or lower that", least));
}

// A broker sends what several filters match once for each.
void check_overlap(const std::vector<mqtt::Subscription>& subscriptions) {
  for (auto one = subscriptions.begin(); one != subscriptions.end(); ++one)
    for (auto other = std::next(one); other != subscriptions.end(); ++other)
      if (filters_overlap(one->filter, other->filter))
        refuse_option("topic",
                      fmt::format("{} and {} overlap: rows of topics that both stand for would be stored "
                                  "twice; name topics that have none in common",
                                  one->filter, other->filter));
}

std::string text_or_none(const Options& options, const std::string& option) {
  return options.has(option) ? options.text(option) : "";
}

mqtt::ConnectSettings session_settings(const Options& options) {
  auto connect = mqtt::connect_settings(options, "source.mqtt");
  if (connect.client_id.empty()) refuse_option("client_id", "it must not be empty");
  if (!connect.is_v5 && options.has("shared_group"))
    refuse_option("shared_group", "MQTT 3.1.1 has none; see `version`");
  connect.session_expiry_s = static_cast<std::uint32_t>(options.integer("session_expiry_s"));
  connect.receive_maximum = static_cast<std::uint16_t>(options.integer("receive_maximum"));
  return connect;
}

std::vector<mqtt::Subscription> subscriptions_of(const Options& options) {
  const auto group = text_or_none(options, "shared_group");
  if (group.find_first_of("/+#") != std::string::npos)
    refuse_option("shared_group", "its name has no /, + or #");
  std::vector<mqtt::Subscription> subscriptions;
  for (const auto& topic : options.texts("topic")) {
    check_filter(topic);
    subscriptions.push_back({group.empty() ? topic : fmt::format("$share/{}/{}", group, topic),
                             static_cast<int>(options.integer("qos"))});
  }
  if (subscriptions.empty()) refuse_option("topic", "there is none");
  check_overlap(subscriptions);
  return subscriptions;
}

}  // namespace

std::vector<OptionSpec> mqtt_options() {
  auto specs = mqtt::connect_options();
  for (auto&& more : {session_specs(), payload_specs(), journal_specs()})
    specs.insert(specs.end(), more.begin(), more.end());
  return specs;
}

MqttSettings mqtt_settings(const Options& options) {
  MqttSettings settings;
  check_journal(options);
  settings.connect = session_settings(options);
  settings.subscriptions = subscriptions_of(options);

  auto& payload = settings.payload;
  payload.form = payload_form(options.text("payload"));
  payload.max_bytes = static_cast<std::size_t>(options.integer("max_payload_bytes"));
  payload.max_row_bytes = static_cast<std::size_t>(options.integer("max_row_bytes"));
  payload.csv_delimiter = options.text("delimiter").front();
  payload.topic_column = text_or_none(options, "topic_column");

  auto& decode = settings.decode;
  decode.non_finite_is_missing = options.text("non_finite") == "missing";
  decode.max_row_bytes = payload.max_row_bytes;
  if (payload.form != PayloadForm::csv) return settings;
  decode.format = RowFormat::csv;
  decode.csv_delimiter = payload.csv_delimiter;
  if (options.has("missing_values")) decode.csv_missing = options.texts("missing_values");
  if (!options.has("columns"))
    refuse_option("columns", "CSV payloads have no header line: the names of their fields are needed");
  decode.csv_columns = options.texts("columns");
  if (!payload.topic_column.empty()) decode.csv_columns.push_back(payload.topic_column);
  return settings;
}

}  // namespace millrace
