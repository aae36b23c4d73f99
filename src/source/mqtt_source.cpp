// SPDX-License-Identifier: Apache-2.0
#include "source/mqtt_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/source/live_source.hpp"
#include "source/mqtt_grant.hpp"
#include "source/mqtt_options.hpp"
#include "source/session_notes.hpp"

namespace millrace {
namespace {

using mqtt::ConnectionState;
using mqtt::SetUpFailure;

LiveState live_state(ConnectionState state) {
  switch (state) {
    case ConnectionState::ready:
      return LiveState::receiving;
    case ConnectionState::paused:
      return LiveState::paused;
    case ConnectionState::refused:
      return LiveState::refused;
    case ConnectionState::connecting:
      break;
  }
  return LiveState::connecting;
}

class MqttSource : public LiveSource {
 public:
  explicit MqttSource(MqttSettings settings) : settings_(std::move(settings)) {}
  ~MqttSource() override { stop(); }

  PayloadOptions payload_options() const override { return settings_.payload; }
  DecodeOptions decode_options() const override { return settings_.decode; }

  void start(LiveEvents events, const Path& session_file) override {
    events_ = std::move(events);
    session_file_ = session_file;
    notes_ = SessionNotes::read(session_file, settings_.connect.client_id);
    last_broker_ = notes_.last_broker;
    last_delivery_s_ = system_clock().now_s();
    connection_ = mqtt::make_connection(
        settings_.connect, {.accepted = [this](const auto& grant) { accept(grant); },
                            .deliver = [this](const auto& one) { deliver(one); },
                            .set_up = [this](auto&, const auto& grant) { return set_up(grant); }});
    connection_->start();
  }
  void pause() override { connection_->pause(); }
  void resume() override { connection_->resume(); }
  void stop() override {
    if (connection_) connection_->stop();
  }
  LiveStatus status() const override;

 private:
  void accept(const mqtt::Grant& grant);
  void note_broker(const std::string& broker);
  void deliver(const Delivery& delivery);
  std::optional<SetUpFailure> set_up(const mqtt::Grant& grant);
  std::optional<SetUpFailure> unsubscribe_old(std::vector<NotedSubscription>& session);
  std::optional<SetUpFailure> subscribe_new(std::vector<NotedSubscription>& session);

  const MqttSettings settings_;
  LiveEvents events_;
  Path session_file_;
  SessionNotes notes_;       // of the connection's thread, or the client's while that waits in connect()
  std::string last_broker_;  // of the client's thread
  bool has_said_grant_ = false;
  std::atomic<bool> has_warned_of_qos_0_ = false;
  std::atomic<std::uint64_t> deliveries_ = 0, payload_bytes_ = 0;
  std::atomic<double> last_delivery_s_ = 0;
  std::unique_ptr<mqtt::Connection> connection_;  // last: it calls back
};

void MqttSource::accept(const mqtt::Grant& grant) {
  const auto broker = text_of(grant.broker);
  const bool is_other = !last_broker_.empty() && broker != last_broker_;
  last_broker_ = broker;
  const auto& event = !grant.session_present || is_other ? events_.begin_session : events_.resume_session;
  if (event) event();
  if (is_other) note_broker(broker);
}

// Before what it sends is kept: a run that is killed then must not take it for another broker's, which would
// end the window in which its redeliveries are known. set_up(), which comes next, reports what keeps the file
// from being written.
void MqttSource::note_broker(const std::string& broker) {
  notes_.last_broker = broker;
  try {
    notes_.write(session_file_);
  } catch (const Error&) {
  }
}

void MqttSource::deliver(const Delivery& delivery) {
  if (delivery.qos == 0 && settings_.subscriptions.front().qos > 0 && !has_warned_of_qos_0_.exchange(true))
    log_warning(fmt::format(
        "mqtt: a payload of {} was published with QoS 0: such payloads are lost while there is no "
        "connection; the publisher must choose QoS 1 or 2",
        delivery.topic));
  events_.keep(delivery);
  ++deliveries_;
  payload_bytes_ += delivery.payload.size();
  last_delivery_s_ = system_clock().now_s();
}

std::optional<SetUpFailure> MqttSource::set_up(const mqtt::Grant& grant) {
  const auto broker = text_of(grant.broker);
  try {
    auto& session = notes_.sessions[broker];
    if (!grant.session_present) {
      if (!session.empty())
        log_warning(fmt::format("mqtt: {} has lost the session of {}: what it kept for it is gone", broker,
                                settings_.connect.client_id));
      session.clear();
    } else if (auto failure = unsubscribe_old(session)) {
      return failure;
    }
    // What is gone must not be noted any more should the rest fail.
    notes_.last_broker = broker;
    notes_.write(session_file_);
    if (auto failure = subscribe_new(session)) return failure;
    notes_.write(session_file_);
    if (!std::exchange(has_said_grant_, true) || !grant.session_present)
      say_grant(grant, session, settings_.connect);
    return std::nullopt;
  } catch (const Error& error) {
    return SetUpFailure{true, error.what()};
  }
}

// Of all that was ever noted: this broker may have been known by another address. The notes of the other
// sessions stay, since their brokers may be others.
std::optional<SetUpFailure> MqttSource::unsubscribe_old(std::vector<NotedSubscription>& session) {
  const auto old = notes_.filters_beyond(settings_.subscriptions);
  if (old.empty()) return std::nullopt;
  const auto codes = connection_->unsubscribe(old);
  if (!codes) return SetUpFailure{false, "the broker does not answer to UNSUBSCRIBE"};
  const auto refused = std::find_if(codes->begin(), codes->end(), [](int code) { return code >= 128; });
  if (refused != codes->end())
    return SetUpFailure{false, fmt::format("the broker refuses to unsubscribe from {}: {}", joined(old),
                                           mqtt::reason_text(*refused))};
  const auto known = session.size();
  std::erase_if(session, [&](const NotedSubscription& noted) {
    return std::find(old.begin(), old.end(), noted.subscription.filter) != old.end();
  });
  if (known == 0 || session.size() < known)
    log_info(fmt::format(
        "mqtt: the topics have changed: unsubscribed from {}; what the broker holds of it still comes",
        joined(old)));
  return std::nullopt;
}

// What the session has already is not asked for again: retained publications would come once more.
std::optional<SetUpFailure> MqttSource::subscribe_new(std::vector<NotedSubscription>& session) {
  std::vector<mqtt::Subscription> missing;
  for (const auto& wanted : settings_.subscriptions)
    if (std::none_of(session.begin(), session.end(),
                     [&](const auto& noted) { return noted.subscription == wanted; }))
      missing.push_back(wanted);
  if (missing.empty()) return std::nullopt;
  const auto codes = connection_->subscribe(missing);
  if (!codes || codes->size() != missing.size())
    return SetUpFailure{false, "the broker does not answer to SUBSCRIBE"};
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const auto& filter = missing[i].filter;
    if ((*codes)[i] >= 128)
      return SetUpFailure{
          true, fmt::format("the broker refuses the subscription to {}: {}; check `topic`, and what the "
                            "broker allows this user",
                            filter, mqtt::reason_text((*codes)[i]))};
    std::erase_if(session, [&](const auto& noted) { return noted.subscription.filter == filter; });
    session.push_back({missing[i], (*codes)[i]});
  }
  return std::nullopt;
}

LiveStatus MqttSource::status() const {
  LiveStatus status;
  if (connection_) {
    auto connection = connection_->status();
    status.state = live_state(connection.state);
    status.reconnects = connection.reconnects;
    status.refusal = std::move(connection.refusal);
  }
  status.deliveries = deliveries_;
  status.payload_bytes = payload_bytes_;
  status.last_delivery_s = last_delivery_s_;
  return status;
}

}  // namespace

SourceInfo mqtt_source() {
  SourceInfo info;
  info.part = {"mqtt", "Rows published over MQTT.", "MQTT 3.1.1, 5", mqtt_options()};
  info.make_live = [](const Options& options) {
    return std::make_unique<MqttSource>(mqtt_settings(options));
  };
  return info;
}

}  // namespace millrace
