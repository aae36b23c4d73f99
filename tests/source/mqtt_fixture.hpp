// SPDX-License-Identifier: Apache-2.0
// A source over a private broker, and what it hands out.
#pragma once

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log_lines.hpp"
#include "millrace/source/live_source.hpp"
#include "mqtt/subscriber.hpp"
#include "source/mqtt_source.hpp"

namespace millrace::test {

using Texts = std::vector<std::string>;
using Given = std::map<std::string, OptionValue>;

struct Kept {
  std::string topic, payload;
  std::uint16_t packet_id = 0;
  int qos = 0;
  bool is_duplicate = false, is_retained = false;
};

inline std::unique_ptr<LiveSource> make_mqtt(Given given) {
  const auto info = mqtt_source();
  return info.make_live(Options(info.part.options, std::move(given)));
}

// A source from its start to its end.
class Receiver {
 public:
  Receiver(Given given, const Path& session_file) : source_(make_mqtt(std::move(given))) {
    LiveEvents events;
    events.keep = [this](const Delivery& delivery) { keep(delivery); };
    events.begin_session = [this] {
      const std::lock_guard lock(mutex_);
      sessions_.push_back(kept_.size());
    };
    source_->start(std::move(events), session_file);
  }

  LiveSource& source() { return *source_; }
  bool is_receiving() const { return reaches(LiveState::receiving); }
  bool reaches(LiveState state) const {
    return wait_for([&] { return source_->status().state == state; });
  }
  // Has it kept so many?
  bool keeps(std::size_t count) const {
    return wait_for([&] { return kept().size() >= count; });
  }
  std::vector<Kept> kept() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  std::multiset<std::string> payloads() const {
    std::multiset<std::string> payloads;
    for (const auto& one : kept()) payloads.insert(one.payload);
    return payloads;
  }
  // How many were kept when each session began.
  std::vector<std::size_t> sessions() const {
    const std::lock_guard lock(mutex_);
    return sessions_;
  }
  std::string refusal() const { return reaches(LiveState::refused) ? source_->status().refusal : ""; }

 private:
  void keep(const Delivery& one) {
    const std::lock_guard lock(mutex_);
    kept_.push_back({std::string(one.topic), std::string(one.payload), one.packet_id, one.qos,
                     one.is_duplicate, one.is_retained});
  }

  mutable std::mutex mutex_;
  std::vector<Kept> kept_;
  std::vector<std::size_t> sessions_;
  std::unique_ptr<LiveSource> source_;  // last: it calls back
};

// Publishes `count` payloads "FIRST", "FIRST + 1" ... and waits until they are acknowledged.
struct Publication {
  std::string topic = "t";
  int first = 0, count = 1, qos = 1;
};
inline void publish(const PrivateBroker& broker, const Publication& publication) {
  const auto command = "mosquitto_pub -l -h 127.0.0.1 -p " + std::to_string(broker.port()) + " -t " +
                       publication.topic + " -q " + std::to_string(publication.qos);
  auto* pipe = popen(command.c_str(), "w");
  if (pipe == nullptr) throw std::runtime_error("mosquitto_pub does not start");
  for (int i = 0; i < publication.count; ++i) std::fprintf(pipe, "%d\n", publication.first + i);
  if (pclose(pipe) != 0) throw std::runtime_error("mosquitto_pub fails");
}

inline std::multiset<std::string> numbers(int count) {
  std::multiset<std::string> numbers;
  for (int i = 0; i < count; ++i) numbers.insert(std::to_string(i));
  return numbers;
}

struct MqttFixture {
  PrivateBroker broker;
  TemporaryFolder folder;
  LogLines log;
  Path session_file = folder / "session";

  explicit MqttFixture(std::vector<std::string> listener = {"allow_anonymous true"})
      : broker(std::move(listener)) {
    broker.start();
  }
  Given given(const Given& more = {}) const {
    Given given{{"broker", Texts{broker.url()}}, {"client_id", std::string("run")}, {"topic", Texts{"t"}}};
    for (const auto& [name, value] : more) given[name] = value;
    return given;
  }
};

}  // namespace millrace::test
