// SPDX-License-Identifier: Apache-2.0
#include "millrace/mqtt/connect_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "millrace/base/error.hpp"

namespace millrace::mqtt {
namespace {

class Reader {
 public:
  Reader(const Options& options, const std::string& place) : options_(options), place_(place) {}

  std::vector<Broker> brokers() const {
    std::vector<Broker> brokers;
    for (const auto& address : options_.texts("broker")) brokers.push_back(parse_broker(address));
    if (brokers.empty()) refuse("broker", "there is none");
    return brokers;
  }

  std::string text(const std::string& option) const {
    return options_.has(option) ? options_.text(option) : "";
  }

  std::string client_id() const {
    auto name = text("client_id");
    if (name.find('\n') != std::string::npos) refuse("client_id", "it must be one line");
    return name;
  }

  std::string file(const std::string& option) const {
    std::error_code error;
    if (options_.has(option) && !std::filesystem::is_regular_file(text(option), error))
      refuse(option, fmt::format("there is no file {}", text(option)));
    return text(option);
  }

  void check_contradictions(const ConnectSettings& settings) const {
    const auto& brokers = settings.brokers;
    if (options_.has("password") && !options_.has("user")) refuse("password", "it needs a `user`");
    for (const auto* option : {"key_file", "key_password"})
      if (options_.has(option) && !options_.has("certificate_file"))
        refuse(option, "it needs a `certificate_file`");
    const bool any_tls = std::any_of(brokers.begin(), brokers.end(), [](const auto& one) { return one.tls; });
    for (const auto* option : {"ca_file", "certificate_file"})
      if (options_.has(option) && !any_tls) refuse(option, "it has no effect without a broker mqtts://...");
  }

 private:
  [[noreturn]] void refuse(const std::string& option, const std::string& why) const {
    throw Error(ExitCode::project_refused, fmt::format("{}.{}: {}", place_, option, why));
  }

  const Options& options_;
  const std::string& place_;
};

}  // namespace

std::vector<OptionSpec> connect_options() {
  return {
      {.name = "broker",
       .kind = OptionKind::texts,
       .help = "mqtt://host[:1883] or mqtts://host[:8883]; of several the first that answers",
       .required = true},
      {.name = "version", .default_value = std::string("5"), .help = "of MQTT", .choices = {"5", "3.1.1"}},
      {.name = "user", .help = "user name at the broker"},
      {.name = "password",
       .help = "from the environment or a file: ${NAME} or {\"file\": PATH}",
       .secret = true},
      {.name = "ca_file",
       .help = "PEM: who may sign the broker's certificate; default: whom this system trusts"},
      {.name = "certificate_file", .help = "PEM: this client's certificate"},
      {.name = "key_file", .help = "PEM: its key; default: in certificate_file"},
      {.name = "key_password",
       .help = "pass phrase of a key that is encrypted, from the environment or a file",
       .secret = true},
      {.name = "keep_alive_s",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{60},
       .unit = "s",
       .help = "a connection that is silent for one and a half times as long is lost; 0: never",
       .least = 0,
       .most = 65535},
      {.name = "give_up_after_s",
       .kind = OptionKind::number,
       .default_value = 0.0,
       .unit = "s",
       .help = "end after so long without a connection; 0: never",
       .least = 0}};
}

ConnectSettings connect_settings(const Options& options, const std::string& place) {
  const Reader reader(options, place);
  ConnectSettings connect;
  connect.brokers = reader.brokers();
  connect.is_v5 = options.text("version") == "5";
  connect.client_id = reader.client_id();
  connect.user = reader.text("user");
  connect.password = reader.text("password");
  connect.ca_file = reader.file("ca_file");
  connect.certificate_file = reader.file("certificate_file");
  connect.key_file = reader.file("key_file");
  connect.key_password = reader.text("key_password");
  connect.keep_alive_s = static_cast<int>(options.integer("keep_alive_s"));
  connect.give_up_after_s = options.number("give_up_after_s");
  reader.check_contradictions(connect);
  return connect;
}

}  // namespace millrace::mqtt
