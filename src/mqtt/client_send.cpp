// SPDX-License-Identifier: Apache-2.0
// When the library (1.3.12) fails to write a publication, it frees it and still has it in its list of those
// in flight: it is read when that client connects again, and freed a second time when it is destroyed. So a
// client that sends is used for one connection, and one that failed to write is left as it is: what it had in
// flight (in_flight_bytes of a Publisher at most) is never freed.
#include <MQTTAsync.h>
#include <fmt/format.h>

#include "millrace/base/error.hpp"
#include "mqtt/client_state.hpp"

namespace millrace::mqtt {

struct Client::State::Ticket {
  State* state = nullptr;  // null: of a client that was left
  SendOutcome* outcome = nullptr;
  std::list<Ticket>::iterator self = {};

  // One lock for all, since a client that was left may be gone.
  static std::mutex& lock() {
    static std::mutex lock;
    return lock;
  }
  static std::list<Ticket>& of_clients_that_were_left() {
    static auto& all = *new std::list<Ticket>;
    return all;
  }

  static Ticket& issue(State& state, SendOutcome& outcome) {
    const std::lock_guard guard(lock());
    auto& ticket = state.tickets.emplace_back(Ticket{&state, &outcome, {}});
    ticket.self = std::prev(state.tickets.end());
    return ticket;
  }

  // What it was issued for, once.
  static SendOutcome* redeem(Ticket& ticket) {
    const std::lock_guard guard(lock());
    auto* outcome = ticket.outcome;
    if (ticket.state != nullptr) ticket.state->tickets.erase(ticket.self);
    return outcome;
  }

  static void acknowledged(void* context, int reason_code) noexcept {
    if (auto* outcome = redeem(*static_cast<Ticket*>(context))) outcome->acknowledged(reason_code);
  }

  // A broker's refusal of a publication is its acknowledgement.
  static void failed(void* context, const Reply& reply) noexcept {
    if (reply.code >= MQTTREASONCODE_UNSPECIFIED_ERROR) return acknowledged(context, reply.code);
    auto& ticket = *static_cast<Ticket*>(context);
    if (reply.code == MQTTASYNC_FAILURE) note_failure_to_write(ticket);
    if (auto* outcome = redeem(ticket)) outcome->failed(reply.text);
  }

  static void note_failure_to_write(Ticket& ticket) {
    const std::lock_guard guard(lock());
    if (ticket.state != nullptr) ticket.state->has_failed_to_write = true;
  }

  static std::list<SendOutcome*> leave(std::list<Ticket>& tickets) {
    const std::lock_guard guard(lock());
    std::list<SendOutcome*> outcomes;
    for (auto& ticket : tickets) {
      outcomes.push_back(ticket.outcome);
      ticket.state = nullptr;
      ticket.outcome = nullptr;
    }
    of_clients_that_were_left().splice(of_clients_that_were_left().end(), tickets);
    return outcomes;
  }
};

Client::State::State() = default;
Client::State::~State() = default;

void Client::State::end() {
  if (!has_failed_to_write) {
    MQTTAsync_destroy(&handle);
    return;
  }
  MQTTAsync_setDisconnected(handle, nullptr, nullptr);
  MQTTAsync_setCallbacks(
      handle, nullptr, nullptr, [](void*, char*, int, MQTTAsync_message*) { return 0; }, nullptr);
  handle = nullptr;
  for (auto* outcome : Ticket::leave(tickets)) outcome->failed("connection lost");
}

void Client::renew() {
  const std::lock_guard lock(state_->renewal);
  state_->end();
  state_->create();
  state_->is_used_up = state_->has_failed_to_write = false;
}

bool Client::send(std::string_view topic, std::string_view payload, int qos, SendOutcome& outcome) {
  using Ticket = State::Ticket;
  const std::lock_guard lock(state_->renewal);
  auto& ticket = Ticket::issue(*state_, outcome);
  MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
  options.context = &ticket;
  if (state_->settings.is_v5) {
    options.onSuccess5 = [](void* context, MQTTAsync_successData5* data) noexcept {
      Ticket::acknowledged(context, data == nullptr ? 0 : data->reasonCode);
    };
    options.onFailure5 = [](void* context, MQTTAsync_failureData5* data) noexcept {
      Ticket::failed(context, failure_of(data));
    };
  } else {
    options.onSuccess = [](void* context, MQTTAsync_successData*) noexcept {
      Ticket::acknowledged(context, 0);
    };
    options.onFailure = [](void* context, MQTTAsync_failureData* data) noexcept {
      Ticket::failed(context, failure_of(data));
    };
  }
  const std::string name(topic);
  const int code = MQTTAsync_send(state_->handle, name.c_str(), static_cast<int>(payload.size()),
                                  payload.data(), qos, 0, &options);
  if (code == MQTTASYNC_SUCCESS) return true;
  Ticket::redeem(ticket);
  if (code == MQTTASYNC_DISCONNECTED) return false;
  throw Error(ExitCode::failed,
              fmt::format("mqtt: a payload cannot be sent to {}: {}", name, MQTTAsync_strerror(code)));
}

}  // namespace millrace::mqtt
