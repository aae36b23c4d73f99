// SPDX-License-Identifier: Apache-2.0
// Connection to an MQTT broker: made in the background, made again whenever it is lost, with one session.
// Everything that this program says to a broker goes through it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/frame/delivery.hpp"

namespace millrace::mqtt {

constexpr std::uint32_t never_expires = 0xFFFFFFFF;

struct Broker {
  std::string host;
  std::uint16_t port = 1883;
  bool tls = false;
};
// mqtt://host[:port], mqtts://host[:port]; a v6 address in brackets. Throws Error (project_refused), whose
// text holds no secret.
Broker parse_broker(std::string_view address);
std::string text_of(const Broker& broker);

struct ConnectSettings {
  std::vector<Broker> brokers;  // tried in this order
  bool is_v5 = true;            // else 3.1.1
  std::string client_id, user, password;
  std::string ca_file, certificate_file,
      key_file;              // "": the system's certificates; none; in certificate_file
  std::string key_password;  // pass phrase of an encrypted key; nobody is asked for it
  int keep_alive_s = 60;
  std::uint32_t session_expiry_s = never_expires;  // v5
  std::uint16_t receive_maximum = 65535;           // v5
  double give_up_after_s = 0;                      // without a connection; 0: never
};

// What the broker said when it accepted; v3.1.1 says only whether it has the session.
struct Grant {
  Broker broker;
  bool session_present = false;
  std::optional<std::uint32_t> session_expiry_s, maximum_packet_size;
  std::uint16_t receive_maximum = 65535;
  std::uint8_t maximum_qos = 2;
  bool retain_available = true, wildcards_available = true, shared_available = true;
};

struct Subscription {
  std::string filter;
  int qos = 1;
  bool operator==(const Subscription&) const = default;
};

// Called once, on the client's own thread, with 0 or the reason code of the broker's acknowledgement; or with
// why the publication was given up: it may be sent again then.
class SendOutcome {
 public:
  virtual ~SendOutcome() = default;
  virtual void acknowledged(int reason_code) = 0;
  virtual void failed(const std::string& why) = 0;
};

enum class ConnectionState { connecting, ready, paused, refused };

struct ConnectionStatus {
  ConnectionState state = ConnectionState::connecting;
  std::uint64_t reconnects = 0;
  std::string refusal;  // one line that says what to do; for the owner to report: nothing else says it
};

class Connection;

// is_final: trying again with the same settings is of no use.
struct SetUpFailure {
  bool is_final = false;
  std::string text;
};

// None may throw. All but set_up come one at a time on a thread that serves every connection of this process.
struct ConnectionEvents {
  std::function<void(const Grant&)> accepted;  // before the connection's first delivery
  // Acknowledged when it returns, and not before. None given: nothing is received.
  std::function<void(const Delivery&)> deliver;
  // On the connection's thread, after `accepted`, maybe beside deliveries: the place to subscribe.
  std::function<std::optional<SetUpFailure>(Connection&, const Grant&)> set_up;
};

// Safe from every thread. While `deliver` has not returned, everything but pause(), resume() and status()
// waits for it.
class Connection {
 public:
  virtual ~Connection() = default;  // as stop()
  virtual void start() = 0;
  // Return at once.
  virtual void pause() = 0;
  virtual void resume() = 0;
  virtual void stop() = 0;  // no event comes after it has returned
  virtual ConnectionStatus status() const = 0;
  // Until it is ready or refused, at most so long. Is it ready?
  virtual bool wait_until_ready(double timeout_s) = 0;
  // The broker's reason code for each (128 and more: refused); none if it did not answer.
  virtual std::optional<std::vector<int>> subscribe(const std::vector<Subscription>& subscriptions) = 0;
  virtual std::optional<std::vector<int>> unsubscribe(const std::vector<std::string>& filters) = 0;
  // False if it is not connected. Throws Error (failed) if it can never be sent. Otherwise `outcome` must
  // live until it is called, or this is destroyed.
  virtual bool send(std::string_view topic, std::string_view payload, int qos, SendOutcome& outcome) = 0;
};

std::unique_ptr<Connection> make_connection(const ConnectSettings& settings, ConnectionEvents events);

// "not authorized" for 135, and so on.
std::string reason_text(int reason_code);

}  // namespace millrace::mqtt
