// SPDX-License-Identifier: Apache-2.0
// What the parts of Client share. Without a type of the library: its header stays in source files.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "mqtt/client.hpp"
#include "mqtt/request.hpp"

namespace millrace::mqtt {

// Requests wait for `deliver` to return, which takes as long as it takes; the library's own time limit is the
// one that counts.
constexpr double longest_wait_s = 3600, answer_timeout_s = 30;

struct Client::State {
  State();
  ~State();
  ConnectSettings settings;
  ClientEvents events;
  void* handle = nullptr;             // MQTTAsync
  std::mutex renewal;                 // of the handle, beside other threads than the connection's
  std::shared_ptr<void> persistence;  // MQTTClient_persistence
  Broker broker = {};                 // of the last connect()
  Request* connecting = nullptr;      // its request, until it is answered
  std::mutex mutex;
  std::list<Request> unanswered;  // in use by the library
  std::string last_words;
  bool is_used_up = false;  // of a client that only sends: it was connected
  std::atomic<bool> has_failed_to_write = false;
  struct Ticket;
  std::list<Ticket> tickets;  // of what was sent and is not acknowledged

  bool receives() const { return static_cast<bool>(events.deliver); }

  struct Callbacks;
  struct Connecting;
  void create();
  void end();

  // One whose reply never came from the library stays in the list: the library may still know it.
  template <class Start>
  std::optional<Reply> ask(std::size_t things, double timeout_s, const Start& start,
                           Request::Kind kind = Request::Kind::other) {
    std::unique_lock lock(mutex);
    auto& request = unanswered.emplace_back(things, kind);
    lock.unlock();
    const int code = start(request);
    std::optional<Reply> reply;
    if (code == 0)
      reply = request.wait(timeout_s);
    else
      reply = Reply{false, code, "", {}, false};
    lock.lock();
    if (reply && !reply->is_abandoned)
      unanswered.remove_if([&](const Request& one) { return &one == &request; });
    return reply;
  }
};

// Of MQTTAsync_failureData or MQTTAsync_failureData5.
template <class Data>
Reply failure_of(const Data* data) {
  if (data == nullptr) return {false, -1, "", {}, false};
  int code = data->code;
  if constexpr (requires { data->reasonCode; })
    if (data->reasonCode >= 128) code = data->reasonCode;
  return {false, code, data->message == nullptr ? "" : data->message, {}, false};
}

std::string uri_of(const Broker& broker);

}  // namespace millrace::mqtt
