// SPDX-License-Identifier: Apache-2.0
#include <MQTTAsync.h>
#include <fmt/format.h>

#include "mqtt/client_state.hpp"
#include "mqtt/reason.hpp"

namespace millrace::mqtt {
namespace {

constexpr int connect_timeout_s = 10;
// Of a client that only sends. With none, the library would free what it has in flight whenever a connection
// is lost.
constexpr std::uint32_t sender_expiry_s = 60;

void add_number(MQTTProperties& properties, MQTTPropertyCodes code, std::uint32_t value) {
  MQTTProperty property{};
  property.identifier = code;
  if (MQTTProperty_getType(code) == MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER)
    property.value.integer2 = static_cast<std::uint16_t>(value);
  else
    property.value.integer4 = value;
  MQTTProperties_add(&properties, &property);
}

std::optional<std::uint32_t> number_of(MQTTProperties properties, MQTTPropertyCodes code) {
  if (MQTTProperties_hasProperty(&properties, code) == 0) return std::nullopt;
  return static_cast<std::uint32_t>(MQTTProperties_getNumericValue(&properties, code));
}

Grant grant_of(const MQTTAsync_successData5& data) {
  const auto flag = [&](MQTTPropertyCodes code) { return number_of(data.properties, code).value_or(1) != 0; };
  Grant grant;
  grant.session_present = data.alt.connect.sessionPresent != 0;
  grant.session_expiry_s = number_of(data.properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL);
  grant.maximum_packet_size = number_of(data.properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE);
  grant.receive_maximum = static_cast<std::uint16_t>(
      number_of(data.properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM).value_or(grant.receive_maximum));
  grant.maximum_qos = static_cast<std::uint8_t>(
      number_of(data.properties, MQTTPROPERTY_CODE_MAXIMUM_QOS).value_or(grant.maximum_qos));
  grant.retain_available = flag(MQTTPROPERTY_CODE_RETAIN_AVAILABLE);
  grant.wildcards_available = flag(MQTTPROPERTY_CODE_WILDCARD_SUBSCRIPTION_AVAILABLE);
  grant.shared_available = flag(MQTTPROPERTY_CODE_SHARED_SUBSCRIPTION_AVAILABLE);
  return grant;
}

Grant grant_of(const MQTTAsync_successData& data) {
  Grant grant;
  grant.session_present = data.alt.connect.sessionPresent != 0;
  return grant;
}

const char* or_none(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

MQTTAsync_SSLOptions tls_options(const ConnectSettings& settings) {
  MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
  tls.verify = 1;  // the broker's name as well
  tls.enableServerCertAuth = 1;
  tls.sslVersion = MQTT_SSL_VERSION_DEFAULT;
  tls.trustStore = or_none(settings.ca_file);
  tls.keyStore = or_none(settings.certificate_file);
  tls.privateKey = or_none(settings.key_file);
  tls.privateKeyPassword = settings.key_password.c_str();  // without one OpenSSL would ask on the terminal
  return tls;
}

}  // namespace

struct Client::State::Connecting {
  template <class Data>
  static void accepted(void* context, Data* data) noexcept {
    auto* state = static_cast<State*>(context);
    auto grant = grant_of(*data);
    grant.broker = state->broker;
    state->events.accepted(grant);
    state->connecting->reply({true, 0, "", {}, false});
  }

  template <class Data>
  static void rejected(void* context, Data* data) noexcept {
    static_cast<State*>(context)->connecting->reply(failure_of(data));
  }

  static MQTTAsync_connectOptions options_for(State& state);
  static int start(State& state, Request& request);
};

MQTTAsync_connectOptions Client::State::Connecting::options_for(State& state) {
  const auto& settings = state.settings;
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
  if (settings.is_v5) options = MQTTAsync_connectOptions_initializer5;
  if (settings.is_v5)
    options.cleanstart = state.receives() ? 0 : 1;
  else
    options.cleansession = state.receives() ? 0 : 1;
  options.keepAliveInterval = settings.keep_alive_s;
  options.connectTimeout = connect_timeout_s;
  options.username = or_none(settings.user);
  options.password = or_none(settings.password);
  options.context = &state;
  if (settings.is_v5) {
    options.onSuccess5 = accepted<MQTTAsync_successData5>;
    options.onFailure5 = rejected<MQTTAsync_failureData5>;
  } else {
    options.MQTTVersion = MQTTVERSION_3_1_1;
    options.onSuccess = accepted<MQTTAsync_successData>;
    options.onFailure = rejected<MQTTAsync_failureData>;
  }
  return options;
}

int Client::State::Connecting::start(State& state, Request& request) {
  const auto& settings = state.settings;
  state.connecting = &request;
  auto options = options_for(state);
  const auto uri = uri_of(state.broker);
  char* const uris[] = {const_cast<char*>(uri.c_str())};  // copied
  options.serverURIs = uris;
  options.serverURIcount = 1;
  auto tls = tls_options(settings);
  if (state.broker.tls) options.ssl = &tls;
  MQTTProperties properties = MQTTProperties_initializer;
  if (settings.is_v5) {
    add_number(properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
               state.receives() ? settings.session_expiry_s : sender_expiry_s);
    if (settings.receive_maximum < 65535)
      add_number(properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, settings.receive_maximum);
    options.connectProperties = &properties;
  }
  const int code = MQTTAsync_connect(state.handle, &options);
  MQTTProperties_free(&properties);
  return code;
}

std::optional<ConnectFailure> Client::connect(const Broker& broker) {
  if (state_->is_used_up) renew();
  state_->broker = broker;
  {
    const std::lock_guard lock(state_->mutex);
    state_->last_words.clear();
  }
  const auto reply = state_->ask(
      0, longest_wait_s, [&](Request& request) { return State::Connecting::start(*state_, request); },
      Request::Kind::connect);
  if (reply && reply->is_good) {
    state_->is_used_up = !state_->receives();
    return std::nullopt;
  }
  if (!reply) return ConnectFailure{0, "no answer"};
  if (reply->code > 0) return ConnectFailure{reason_of_connack(reply->code, state_->settings.is_v5), ""};
  const auto* text = MQTTAsync_strerror(reply->code);
  return ConnectFailure{0, !reply->text.empty() ? reply->text : text == nullptr ? "failure" : text};
}

}  // namespace millrace::mqtt
