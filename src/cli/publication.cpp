// SPDX-License-Identifier: Apache-2.0
#include "cli/publication.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/mqtt/publisher.hpp"

namespace millrace::cli {
namespace {

struct Target {
  std::string broker, topic;
};

Target split(const std::string& address) {
  const auto host = address.find("://");
  const auto slash = host == std::string::npos ? host : address.find('/', host + 3);
  if (slash == std::string::npos || slash + 1 == address.size())
    throw Error(ExitCode::usage, "--publish: expected mqtt://host[:port]/topic");
  auto topic = address.substr(slash + 1);
  if (topic.find_first_of("+#") != std::string::npos)
    throw Error(ExitCode::usage,
                fmt::format("--publish: {} is no topic to publish to: + and # are for subscribers", topic));
  return {address.substr(0, slash), std::move(topic)};
}

std::string first_line_of(const std::string& path) {
  const auto bytes = read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

mqtt::PublisherSettings settings_of(const PublicationArguments& arguments, const std::string& broker) {
  mqtt::PublisherSettings settings;
  auto& connect = settings.connect;
  try {
    connect.brokers = {mqtt::parse_broker(broker)};
  } catch (const Error& error) {
    throw Error(ExitCode::usage, std::string("--publish: ") + error.what());
  }
  connect.is_v5 = arguments.mqtt_version == "5";
  connect.client_id = arguments.client_id;
  if (connect.client_id.empty())
    connect.client_id = fmt::format("millrace-generate-{:08x}", std::random_device{}());
  connect.user = arguments.user;
  if (!arguments.password_file.empty()) connect.password = first_line_of(arguments.password_file);
  connect.ca_file = arguments.ca_file;
  connect.certificate_file = arguments.certificate_file;
  connect.key_file = arguments.key_file;
  if (!arguments.key_password_file.empty()) connect.key_password = first_line_of(arguments.key_password_file);
  connect.give_up_after_s = arguments.give_up_after_s;
  return settings;
}

// Sleeps until row `row` is due.
void keep_pace(std::uint64_t row, double rate, double began_s) {
  if (rate <= 0) return;
  const double ahead_s = began_s + static_cast<double>(row) / rate - system_clock().now_s();
  if (ahead_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead_s));
}

PayloadForm form_of(const PublicationArguments& arguments) {
  const auto name = std::find(payload_form_names.begin(), payload_form_names.end(), arguments.payload);
  const auto form = static_cast<PayloadForm>(name - payload_form_names.begin());
  if (form == PayloadForm::row && arguments.rows_per_payload != 1)
    throw Error(ExitCode::usage,
                "--rows-per-payload: a payload of the form row holds one; choose --payload lines, "
                "array, csv or packed");
  return form;
}

// Rows of the station, without their line ends.
class RowsOf {
 public:
  RowsOf(WeatherStation& station, std::uint64_t first, std::uint64_t count) {
    for (auto row = first; row < first + count; ++row) {
      station.append_row(row, text_);
      if (text_.ends_with('\n')) text_.pop_back();
      ends_.push_back(text_.size());
    }
  }

  std::vector<std::string_view> views() const {
    std::vector<std::string_view> rows;
    std::size_t begin = 0;
    for (const auto end : ends_) {
      rows.push_back(std::string_view(text_).substr(begin, end - begin));
      begin = end;
    }
    return rows;
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
};

}  // namespace

void publish_rows(WeatherStation& station, std::uint64_t rows, const PublicationArguments& arguments) {
  const auto target = split(arguments.address);
  const auto publisher = mqtt::make_publisher(settings_of(arguments, target.broker));
  publisher->connect();
  const double began_s = system_clock().now_s();
  const auto form = form_of(arguments);
  for (std::uint64_t row = 0; row < rows; row += arguments.rows_per_payload) {
    const auto count = std::min(arguments.rows_per_payload, rows - row);
    const auto payload = write_payload(form, RowsOf(station, row, count).views());
    keep_pace(row, arguments.rate, began_s);
    publisher->publish(target.topic, payload, arguments.qos);
  }
  publisher->flush();
  const double took_s = system_clock().now_s() - began_s;
  fmt::print(stderr, "{} rows in {} payloads {} in {:.1f} s: {:.0f} rows/s\n", rows,
             publisher->acknowledged(), arguments.qos == 0 ? "sent" : "acknowledged", took_s,
             static_cast<double>(rows) / took_s);
}

}  // namespace millrace::cli
