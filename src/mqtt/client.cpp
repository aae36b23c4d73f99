// SPDX-License-Identifier: Apache-2.0
// Paho's receive thread takes one packet at a time, under one lock of the library, and calls back under it:
// CONNACK before the first PUBLISH; for QoS 0 and 1 `arrived`, then PUBACK; for QoS 2 the persistence's
// put(), then PUBREC (v5: `arrived` between them; 3.1.1: `arrived` at PUBREL). put() is called once for every
// PUBLISH of QoS 2 and sees the packet as it came, while `arrived` is told DUP = 0 and is skipped for some
// redeliveries: so QoS 2 is delivered from put().
#include "mqtt/client.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "mqtt/client_state.hpp"
#include "mqtt/publish_packet.hpp"

namespace millrace::mqtt {
namespace {

constexpr int most_waiting = 65535;

// A persistence that keeps nothing: the library asks for nothing back but what is found by pkeys().
MQTTClient_persistence forgetful_persistence() {
  MQTTClient_persistence none{};
  none.popen = [](void** handle, const char*, const char*, void* context) {
    *handle = context;
    return 0;
  };
  none.pclose = [](void*) { return 0; };
  none.pget = [](void*, char*, char**, int*) { return MQTTCLIENT_PERSISTENCE_ERROR; };
  none.premove = [](void*, char*) { return 0; };
  none.pkeys = [](void*, char*** keys, int* count) {
    *keys = nullptr;
    *count = 0;
    return 0;
  };
  none.pclear = [](void*) { return 0; };
  none.pcontainskey = [](void*, char*) { return MQTTCLIENT_PERSISTENCE_ERROR; };
  return none;
}

}  // namespace

struct Client::State::Callbacks {
  static int arrived(void* context, char* topic, int topic_bytes, MQTTAsync_message* message) noexcept {
    if (message->qos < 2) {
      const std::string_view name(
          topic, topic_bytes == 0 ? std::strlen(topic) : static_cast<std::size_t>(topic_bytes));
      const std::string_view payload(static_cast<const char*>(message->payload),
                                     static_cast<std::size_t>(message->payloadlen));
      const auto packet_id = static_cast<std::uint16_t>(message->qos == 0 ? 0 : message->msgid);
      static_cast<State*>(context)->events.deliver({packet_id, static_cast<std::uint8_t>(message->qos),
                                                    message->dup != 0, message->retained != 0,
                                                    system_clock().unix_s(), name, payload});
    }
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
  }

  // Keys of received publications begin with r, those of requests of ours with c.
  static int put(void* context, char* key, int buffers, char* starts[], int sizes[]) noexcept {
    auto* state = static_cast<State*>(context);
    if (key[0] != 'r' || buffers != 2 || sizes[0] < 1) return 0;
    const std::string_view body(starts[1], static_cast<std::size_t>(sizes[1]));
    auto delivery = parse_publish(static_cast<unsigned char>(starts[0][0]), body, state->settings.is_v5);
    if (!delivery) {  // and the library took it: to return would be to acknowledge it
      log_error("mqtt: a publication cannot be parsed");
      std::abort();
    }
    delivery->arrival_unix_s = system_clock().unix_s();
    state->events.deliver(*delivery);
    return 0;
  }

  static void connection_lost(void* context, char*) noexcept {
    auto* state = static_cast<State*>(context);
    state->events.lost();
    const std::lock_guard lock(state->mutex);
    for (auto& request : state->unanswered)
      if (!request.is_connect()) request.abandon();
  }

  static void disconnected(void* context, MQTTProperties*, MQTTReasonCodes reason) noexcept {
    auto* state = static_cast<State*>(context);
    const std::lock_guard lock(state->mutex);
    state->last_words = reason_text(reason);
  }
};

void Client::State::create() {
  static const bool is_initialized = [] {
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 1;
    MQTTAsync_global_init(&options);
    // With its last client the library ends its threads, and waits more than a second for them: this one
    // stays.
    static MQTTAsync last_client = nullptr;
    return MQTTAsync_create(&last_client, "tcp://localhost", "", MQTTCLIENT_PERSISTENCE_NONE, nullptr) ==
           MQTTASYNC_SUCCESS;
  }();
  MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
  options.MQTTVersion = settings.is_v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  options.maxBufferedMessages = most_waiting;
  const auto keeping = std::make_shared<MQTTClient_persistence>(forgetful_persistence());
  keeping->pput = Callbacks::put;
  keeping->context = this;
  persistence = keeping;
  const int code = MQTTAsync_createWithOptions(
      &handle, uri_of(settings.brokers.front()).c_str(), settings.client_id.c_str(),
      receives() ? MQTTCLIENT_PERSISTENCE_USER : MQTTCLIENT_PERSISTENCE_NONE,
      receives() ? keeping.get() : nullptr, &options);
  if (code != MQTTASYNC_SUCCESS || !is_initialized)
    throw Error(ExitCode::failed,
                fmt::format("mqtt: the client library fails to start: {}", MQTTAsync_strerror(code)));
  MQTTAsync_setCallbacks(handle, this, Callbacks::connection_lost, Callbacks::arrived, nullptr);
  MQTTAsync_setDisconnected(handle, this, Callbacks::disconnected);
}

std::string uri_of(const Broker& broker) {
  return fmt::format("{}://{}:{}", broker.tls ? "ssl" : "tcp", broker.host, broker.port);
}

Client::Client(const ConnectSettings& settings, ClientEvents events) : state_(std::make_unique<State>()) {
  state_->settings = settings;
  state_->events = std::move(events);
  state_->create();
}

Client::~Client() {
  disconnect();
  state_->end();
}

std::string Client::last_words() const {
  const std::lock_guard lock(state_->mutex);
  return state_->last_words;
}

}  // namespace millrace::mqtt
