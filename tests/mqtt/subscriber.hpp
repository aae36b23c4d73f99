// SPDX-License-Identifier: Apache-2.0
// A connection that is subscribed to some topics, and what came of them.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "millrace/mqtt/connection.hpp"
#include "mqtt/private_broker.hpp"
#include "mqtt/wait_for.hpp"

namespace millrace::test {

inline mqtt::ConnectSettings connect_to(const std::string& url, const std::string& client_id,
                                        bool is_v5 = true) {
  mqtt::ConnectSettings settings;
  settings.brokers = {mqtt::parse_broker(url)};
  settings.client_id = client_id;
  settings.is_v5 = is_v5;
  return settings;
}

class Subscriber {
 public:
  Subscriber(const mqtt::ConnectSettings& settings, std::vector<mqtt::Subscription> subscriptions)
      : connection_(mqtt::make_connection(settings, events(std::move(subscriptions)))) {
    connection_->start();
  }

  mqtt::Connection& connection() { return *connection_; }
  std::vector<std::string> payloads() const {
    const std::lock_guard lock(mutex_);
    return payloads_;
  }
  bool receives(std::size_t count) const {
    return wait_for([&] { return payloads().size() >= count; });
  }
  std::vector<int> reason_codes() const {
    const std::lock_guard lock(mutex_);
    return reason_codes_;
  }

 private:
  mqtt::ConnectionEvents events(std::vector<mqtt::Subscription> subscriptions) {
    mqtt::ConnectionEvents events;
    events.deliver = [this](const Delivery& delivery) {
      const std::lock_guard lock(mutex_);
      payloads_.emplace_back(delivery.payload);
    };
    events.set_up = [this, subscriptions](mqtt::Connection& connection,
                                          const mqtt::Grant&) -> std::optional<mqtt::SetUpFailure> {
      const auto codes = connection.subscribe(subscriptions);
      if (!codes) return mqtt::SetUpFailure{false, "no answer"};
      const std::lock_guard lock(mutex_);
      reason_codes_ = *codes;
      return std::nullopt;
    };
    return events;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> payloads_;
  std::vector<int> reason_codes_;
  std::unique_ptr<mqtt::Connection> connection_;
};

}  // namespace millrace::test
