// SPDX-License-Identifier: Apache-2.0
// Client: one session of Paho's asynchronous client, with answers that can be waited for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "millrace/mqtt/connection.hpp"

namespace millrace::mqtt {

// None may throw. From Paho's one receive thread, or its one send thread.
struct ClientEvents {
  std::function<void(const Grant&)> accepted;
  std::function<void(const Delivery&)> deliver;
  std::function<void()> lost;  // a connection that was accepted
};

struct ConnectFailure {
  int reason_code = 0;  // of the broker; 0: it said nothing
  std::string text;     // the client library's
};

class Client {
 public:
  Client(const ConnectSettings& settings, ClientEvents events);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  std::optional<ConnectFailure> connect(const Broker& broker);
  void disconnect();
  std::optional<std::vector<int>> subscribe(const std::vector<Subscription>& subscriptions);
  std::optional<std::vector<int>> unsubscribe(const std::vector<std::string>& filters);
  bool send(std::string_view topic, std::string_view payload, int qos, SendOutcome& outcome);
  // Why the broker ended the last connection, if it said so.
  std::string last_words() const;

 private:
  void renew();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace millrace::mqtt
