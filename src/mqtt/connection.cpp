// SPDX-License-Identifier: Apache-2.0
#include "millrace/mqtt/connection.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "millrace/base/clock.hpp"
#include "millrace/base/log.hpp"
#include "mqtt/backoff.hpp"
#include "mqtt/client.hpp"
#include "mqtt/diagnosis.hpp"
#include "mqtt/reason.hpp"

namespace millrace::mqtt {
namespace {

using State = ConnectionState;

constexpr double settled_after_s = 10, remind_every_s = 60;

enum class Wanted { connected, paused, stopped };

using Failure = SetUpFailure;

class PahoConnection : public Connection {
 public:
  PahoConnection(const ConnectSettings& settings, ConnectionEvents events)
      : settings_(settings), events_(std::move(events)), client_(settings, client_events()) {}
  ~PahoConnection() override { stop(); }

  void start() override {
    since_s_ = system_clock().now_s();
    thread_ = std::thread([this] { run(); });
  }
  void pause() override { want(Wanted::paused); }
  void resume() override { want(Wanted::connected); }

  void stop() override {
    want(Wanted::stopped);
    if (thread_.joinable()) thread_.join();
  }

  ConnectionStatus status() const override {
    const std::lock_guard lock(mutex_);
    return status_;
  }

  bool wait_until_ready(double timeout_s) override {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::duration<double>(timeout_s),
                      [&] { return status_.state == State::ready || status_.state == State::refused; });
    return status_.state == State::ready;
  }

  std::optional<std::vector<int>> subscribe(const std::vector<Subscription>& subscriptions) override {
    return client_.subscribe(subscriptions);
  }
  std::optional<std::vector<int>> unsubscribe(const std::vector<std::string>& filters) override {
    return client_.unsubscribe(filters);
  }
  bool send(std::string_view topic, std::string_view payload, int qos, SendOutcome& outcome) override {
    return client_.send(topic, payload, qos, outcome);
  }

 private:
  ClientEvents client_events();
  void run();
  void connect();
  void stay_connected();
  void stay_paused();
  std::optional<Failure> try_broker(const Broker& broker);
  std::optional<Failure> set_up();
  Failure explain(const Broker& broker, const ConnectFailure& failure);
  void report(const Failure& failure);
  bool has_given_up() const;
  void refuse(const std::string& why);
  void enter(State state);
  void want(Wanted wanted);
  Wanted wanted() const;
  void rest(double seconds);

  const ConnectSettings settings_;
  const ConnectionEvents events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ConnectionStatus status_;
  Wanted wanted_ = Wanted::connected;
  bool is_lost_ = false;
  std::optional<Grant> grant_;  // of the last connection
  // Of the connection's thread:
  Backoff backoff_;
  double since_s_ = 0, reported_s_ = 0;  // without connection since; last report of it
  bool was_connected_ = false, is_reported_ = false;
  Client client_;  // the last to come and the first to go: it calls back
  std::thread thread_;
};

ClientEvents PahoConnection::client_events() {
  ClientEvents events;
  events.accepted = [this](const Grant& grant) {
    {
      const std::lock_guard lock(mutex_);
      is_lost_ = false;
      grant_ = grant;
    }
    if (events_.accepted) events_.accepted(grant);
  };
  events.deliver = events_.deliver;
  events.lost = [this] {
    const std::lock_guard lock(mutex_);
    is_lost_ = true;
    changed_.notify_all();
  };
  return events;
}

void PahoConnection::run() {
  while (wanted() != Wanted::stopped && status().state != State::refused) {
    if (wanted() == Wanted::paused)
      stay_paused();
    else if (status().state == State::ready)
      stay_connected();
    else
      connect();
  }
  client_.disconnect();
}

// One try at each broker.
void PahoConnection::connect() {
  enter(State::connecting);
  bool all_refuse = true;
  Failure failure;
  for (const auto& broker : settings_.brokers) {
    if (wanted() != Wanted::connected) return;
    auto failed = try_broker(broker);
    if (!failed) return;
    all_refuse = all_refuse && failed->is_final;
    failure = std::move(*failed);
    report(failure);
  }
  if (all_refuse) return refuse(failure.text);
  if (has_given_up())
    return refuse(
        fmt::format("{}; given up after {:g} s (give_up_after_s)", failure.text, settings_.give_up_after_s));
  rest(backoff_.next_s());
}

std::optional<Failure> PahoConnection::try_broker(const Broker& broker) {
  if (const auto failed = client_.connect(broker)) return explain(broker, *failed);
  if (auto failed = set_up()) {
    client_.disconnect();
    failed->text = fmt::format("{}: {}", text_of(broker), failed->text);
    return failed;
  }
  if (was_connected_ || is_reported_)
    log_info(fmt::format(
        "mqtt: connected to {}{}", text_of(broker),
        was_connected_ ? fmt::format(" again after {:.1f} s", system_clock().now_s() - since_s_) : ""));
  {
    const std::lock_guard lock(mutex_);
    if (was_connected_) ++status_.reconnects;
  }
  was_connected_ = true;
  is_reported_ = false;
  since_s_ = system_clock().now_s();
  enter(State::ready);
  return std::nullopt;
}

std::optional<Failure> PahoConnection::set_up() {
  if (!events_.set_up) return std::nullopt;
  std::unique_lock lock(mutex_);
  const auto grant = *grant_;
  lock.unlock();
  auto failure = events_.set_up(*this, grant);
  lock.lock();
  if (is_lost_ && !(failure && failure->is_final)) return Failure{false, "the connection was lost at once"};
  return failure;
}

Failure PahoConnection::explain(const Broker& broker, const ConnectFailure& failure) {
  const auto name = text_of(broker);
  if (failure.reason_code != 0)
    return {is_final(failure.reason_code),
            fmt::format("{}: {}", name, refusal_text(failure.reason_code, settings_))};
  const auto diagnosis = diagnose(broker, settings_);
  return {diagnosis.is_final,
          fmt::format("{}: {}", name, diagnosis.text.empty() ? failure.text : diagnosis.text)};
}

// At first, and now and then.
void PahoConnection::report(const Failure& failure) {
  if (failure.is_final) return;
  const double now_s = system_clock().now_s();
  if (!is_reported_)
    log_warning(fmt::format("mqtt: {}; trying until it answers", failure.text));
  else if (now_s - reported_s_ > remind_every_s)
    log_warning(
        fmt::format("mqtt: {}; no connection for {:.0f} s, still trying", failure.text, now_s - since_s_));
  else
    return;
  is_reported_ = true;
  reported_s_ = now_s;
}

bool PahoConnection::has_given_up() const {
  return settings_.give_up_after_s > 0 && system_clock().now_s() - since_s_ > settings_.give_up_after_s;
}

void PahoConnection::stay_connected() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_lost_ || wanted_ != Wanted::connected; });
    if (!is_lost_) return;
    status_.state = State::connecting;
  }
  const auto why = client_.last_words();
  log_warning(fmt::format("mqtt: connection lost{}", why.empty() ? "" : "; the broker says: " + why));
  const double now_s = system_clock().now_s();
  if (now_s - since_s_ > settled_after_s) backoff_.reset();
  since_s_ = now_s;
  rest(backoff_.next_s());
}

void PahoConnection::stay_paused() {
  client_.disconnect();
  enter(State::paused);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return wanted_ != Wanted::paused; });
  status_.state = State::connecting;
  since_s_ = system_clock().now_s();
}

void PahoConnection::refuse(const std::string& why) {
  const std::lock_guard lock(mutex_);
  status_.state = State::refused;
  status_.refusal = why;
  changed_.notify_all();
}

void PahoConnection::enter(State state) {
  const std::lock_guard lock(mutex_);
  status_.state = state;
  changed_.notify_all();
}

void PahoConnection::want(Wanted wanted) {
  const std::lock_guard lock(mutex_);
  if (wanted_ == Wanted::stopped) return;
  wanted_ = wanted;
  changed_.notify_all();
}

Wanted PahoConnection::wanted() const {
  const std::lock_guard lock(mutex_);
  return wanted_;
}

void PahoConnection::rest(double seconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::duration<double>(seconds),
                    [&] { return wanted_ != Wanted::connected; });
}

}  // namespace

std::unique_ptr<Connection> make_connection(const ConnectSettings& settings, ConnectionEvents events) {
  return std::make_unique<PahoConnection>(settings, std::move(events));
}

}  // namespace millrace::mqtt
