// SPDX-License-Identifier: Apache-2.0
#include "source/mqtt_grant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/log.hpp"

namespace millrace {
namespace {

constexpr std::uint32_t short_expiry_s = 24 * 3600;

std::string limits_text(const mqtt::Grant& grant, const mqtt::ConnectSettings& settings) {
  if (!settings.is_v5) return "the broker's limits cannot be seen in MQTT 3.1.1";
  const auto yes_or_no = [](bool is_so) { return is_so ? "yes" : "no"; };
  return fmt::format(
      "receive maximum {} (ours {}), maximum packet size {}, retained publications {}, shared subscriptions "
      "{}",
      grant.receive_maximum, settings.receive_maximum,
      grant.maximum_packet_size ? fmt::format("{} bytes", *grant.maximum_packet_size) : "not limited",
      yes_or_no(grant.retain_available), yes_or_no(grant.shared_available));
}

void warn_of_qos(const NotedSubscription& noted) {
  const auto& [filter, qos] = noted.subscription;
  if (qos == 0)
    log_warning(fmt::format(
        "mqtt: {} at QoS 0: rows are lost whenever anything is restarted or too slow; set `qos` to 1",
        filter));
  else if (noted.granted_qos < qos)
    log_warning(fmt::format("mqtt: the broker grants {} QoS {} where {} was asked for: {}", filter,
                            noted.granted_qos, qos,
                            noted.granted_qos == 0 ? "rows can be lost" : "rows can come twice"));
}

void warn_of_expiry(const mqtt::Grant& grant, const mqtt::ConnectSettings& settings) {
  if (!settings.is_v5) return;
  const auto expiry_s = grant.session_expiry_s.value_or(settings.session_expiry_s);
  if (expiry_s >= short_expiry_s) return;
  log_warning(
      fmt::format("mqtt: the broker keeps the session for {} s after a connection: rows published later than "
                  "that are lost; see `session_expiry_s`{}",
                  expiry_s, expiry_s < settings.session_expiry_s ? " and the broker's own limit" : ""));
}

}  // namespace

void say_grant(const mqtt::Grant& grant, const std::vector<NotedSubscription>& session,
               const mqtt::ConnectSettings& settings) {
  std::vector<std::string> topics;
  for (const auto& noted : session)
    topics.push_back(fmt::format("{} (QoS {})", noted.subscription.filter, noted.granted_qos));
  log_info(fmt::format("mqtt: {} as {}: {} session, subscribed to {}; {}", text_of(grant.broker),
                       settings.client_id, grant.session_present ? "old" : "new", joined(topics),
                       limits_text(grant, settings)));
  std::for_each(session.begin(), session.end(), warn_of_qos);
  warn_of_expiry(grant, settings);
}

}  // namespace millrace
