// SPDX-License-Identifier: Apache-2.0
#include "millrace/mqtt/publisher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "millrace/base/error.hpp"

namespace millrace::mqtt {
namespace {

constexpr double look_every_s = 0.2;
constexpr std::size_t least_header_bytes = 16;        // of a packet, beside topic and payload
constexpr std::size_t most_packet_bytes = 268435455;  // of MQTT

class PahoPublisher;

// A publication that is not acknowledged yet. Kept whole, to be sent again.
struct Sending : SendOutcome {
  void acknowledged(int reason_code) override;
  void failed(const std::string& why) override;

  PahoPublisher* publisher = nullptr;
  std::string topic, payload;
  int qos = 0;
};

class PahoPublisher : public Publisher {
 public:
  explicit PahoPublisher(const PublisherSettings& settings)
      : sendings_(settings.in_flight),
        most_bytes_(settings.in_flight_bytes),
        connection_(make_connection(settings.connect, events())) {
    for (auto& sending : sendings_) {
      sending.publisher = this;
      free_.push_back(&sending);
    }
    connection_->start();
  }
  ~PahoPublisher() override { connection_->stop(); }

  void connect() override { wait_for_connection(); }
  void check() override { throw_if_refused(); }

  void publish(std::string_view topic, std::string_view payload, int qos) override {
    wait_for_connection();
    check_size(topic.size() + payload.size());
    auto& sending = take_free(payload.size());
    sending.topic = topic;
    sending.payload = payload;
    sending.qos = qos;
    send(sending);
  }

  void flush() override {
    wait_until([&] { return free_.size() == sendings_.size(); });
  }

  std::uint64_t acknowledged() const override { return acknowledged_; }

  void acknowledge(Sending& sending, int reason_code) {
    const std::lock_guard lock(mutex_);
    if (reason_code >= 128 && refusal_.empty())
      refusal_ =
          fmt::format("the broker refuses a publication to {}: {}", sending.topic, reason_text(reason_code));
    else
      ++acknowledged_;
    bytes_ -= sending.payload.size();
    free_.push_back(&sending);
    changed_.notify_all();
  }

  void send_again(Sending& sending) {
    const std::lock_guard lock(mutex_);
    again_.push_back(&sending);
    changed_.notify_all();
  }

 private:
  ConnectionEvents events() {
    ConnectionEvents events;
    events.accepted = [this](const Grant& grant) {
      maximum_packet_size_ = grant.maximum_packet_size.value_or(most_packet_bytes);
      receive_maximum_ = grant.receive_maximum;
    };
    return events;
  }

  void check_size(std::size_t bytes) const {
    const std::size_t most = maximum_packet_size_;
    if (bytes + least_header_bytes > most)
      throw Error(
          ExitCode::failed,
          fmt::format("mqtt: a payload of {} bytes is too large for the broker, which takes packets of {}",
                      bytes, most));
  }

  void wait_for_connection() {
    while (!connection_->wait_until_ready(look_every_s)) throw_if_refused();
  }

  void throw_if_refused() {
    const auto status = connection_->status();
    const std::lock_guard lock(mutex_);
    if (refusal_.empty() && status.state == ConnectionState::refused) refusal_ = status.refusal;
    if (!refusal_.empty()) throw Error(ExitCode::failed, "mqtt: " + refusal_);
  }

  // Sends again what failed, while it waits.
  template <class Condition>
  void wait_until(const Condition& is_so) {
    for (;;) {
      throw_if_refused();
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::duration<double>(look_every_s),
                        [&] { return is_so() || !again_.empty() || !refusal_.empty(); });
      if (!refusal_.empty()) continue;
      if (again_.empty() && is_so()) return;
      if (again_.empty()) continue;
      auto& sending = *again_.front();
      again_.pop_front();
      lock.unlock();
      send(sending);
    }
  }

  Sending& take_free(std::size_t bytes) {
    // What the broker does not take at once, the library looks after once a second only.
    wait_until([&] {
      const auto unacknowledged = sendings_.size() - free_.size();
      return unacknowledged < std::min<std::size_t>(sendings_.size(), receive_maximum_) &&
             (bytes_ == 0 || bytes_ + bytes <= most_bytes_);
    });
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    auto& sending = *free_.back();
    free_.pop_back();
    return sending;
  }

  void send(Sending& sending) {
    do wait_for_connection();
    while (!connection_->send(sending.topic, sending.payload, sending.qos, sending));
  }

  std::vector<Sending> sendings_;
  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Sending*> free_;
  std::size_t bytes_ = 0;  // of the payloads that are not acknowledged
  std::deque<Sending*> again_;
  std::string refusal_;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::atomic<std::uint32_t> maximum_packet_size_ = most_packet_bytes;
  std::atomic<std::uint16_t> receive_maximum_ = 65535;
  std::unique_ptr<Connection> connection_;
};

void Sending::acknowledged(int reason_code) {
  publisher->acknowledge(*this, reason_code);
}

void Sending::failed(const std::string&) {
  publisher->send_again(*this);
}

}  // namespace

std::unique_ptr<Publisher> make_publisher(const PublisherSettings& settings) {
  return std::make_unique<PahoPublisher>(settings);
}

}  // namespace millrace::mqtt
