// SPDX-License-Identifier: Apache-2.0
#include <MQTTAsync.h>

#include "mqtt/client_state.hpp"

namespace millrace::mqtt {
namespace {

constexpr double disconnect_timeout_s = 5;

Reply success_of(const MQTTAsync_successData* data, std::size_t things) {
  Reply reply{true, 0, "", {}, false};
  if (data == nullptr || things == 0) return reply;
  if (things == 1) reply.reason_codes = {data->alt.qos};
  if (things > 1 && data->alt.qosList != nullptr)  // UNSUBACK has none
    reply.reason_codes.assign(data->alt.qosList, data->alt.qosList + things);
  return reply;
}

Reply success_of(const MQTTAsync_successData5* data, std::size_t things) {
  Reply reply{true, 0, "", {}, false};
  if (data == nullptr || things == 0) return reply;
  if (things == 1) reply.reason_codes = {data->reasonCode};
  if (things > 1) {
    if (data->alt.sub.reasonCodeCount != static_cast<int>(things)) return {false, -1, "", {}, false};
    reply.reason_codes.assign(data->alt.sub.reasonCodes, data->alt.sub.reasonCodes + things);
  }
  return reply;
}

template <class Data>
void on_success(void* context, Data* data) noexcept {
  auto* request = static_cast<Request*>(context);
  request->reply(success_of(data, request->things()));
}

template <class Data>
void on_failure(void* context, Data* data) noexcept {
  static_cast<Request*>(context)->reply(failure_of(data));
}

template <class Options>
void answer_to(Options& options, Request& request, bool is_v5) {
  options.context = &request;
  if (is_v5) {
    options.onSuccess5 = on_success<MQTTAsync_successData5>;
    options.onFailure5 = on_failure<MQTTAsync_failureData5>;
  } else {
    options.onSuccess = on_success<MQTTAsync_successData>;
    options.onFailure = on_failure<MQTTAsync_failureData>;
  }
}

}  // namespace

void Client::disconnect() {
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
  if (state_->settings.is_v5) options = MQTTAsync_disconnectOptions_initializer5;
  MQTTProperties properties = MQTTProperties_initializer;
  if (state_->settings.is_v5 && !state_->receives()) {
    MQTTProperty expires_now{};
    expires_now.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
    MQTTProperties_add(&properties, &expires_now);
    options.properties = properties;
  }
  // Now and then the library never says that it has disconnected.
  const double wait_s = state_->receives() ? longest_wait_s : disconnect_timeout_s;
  state_->ask(0, wait_s, [&](Request& request) {
    answer_to(options, request, state_->settings.is_v5);
    return MQTTAsync_disconnect(state_->handle, &options);
  });
  MQTTProperties_free(&properties);
}

std::optional<std::vector<int>> Client::subscribe(const std::vector<Subscription>& subscriptions) {
  std::vector<char*> filters;
  std::vector<int> qos;
  for (const auto& one : subscriptions) {
    filters.push_back(const_cast<char*>(one.filter.c_str()));  // copied
    qos.push_back(one.qos);
  }
  MQTTSubscribe_options only_if_new = MQTTSubscribe_options_initializer;
  only_if_new.retainHandling = 1;
  std::vector<MQTTSubscribe_options> each(filters.size(), only_if_new);
  const auto reply = state_->ask(filters.size(), answer_timeout_s, [&](Request& request) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    answer_to(options, request, state_->settings.is_v5);
    if (state_->settings.is_v5) {
      options.subscribeOptions = only_if_new;
      options.subscribeOptionsCount = static_cast<int>(each.size());
      options.subscribeOptionsList = each.data();
    }
    return MQTTAsync_subscribeMany(state_->handle, static_cast<int>(filters.size()), filters.data(),
                                   qos.data(), &options);
  });
  if (!reply) return std::nullopt;
  if (reply->is_good) return reply->reason_codes;
  if (reply->code >= MQTTREASONCODE_UNSPECIFIED_ERROR) return std::vector<int>{reply->code};
  return std::nullopt;
}

std::optional<std::vector<int>> Client::unsubscribe(const std::vector<std::string>& filters) {
  std::vector<char*> names;
  for (const auto& filter : filters) names.push_back(const_cast<char*>(filter.c_str()));  // copied
  const auto reply = state_->ask(names.size(), answer_timeout_s, [&](Request& request) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    answer_to(options, request, state_->settings.is_v5);
    return MQTTAsync_unsubscribeMany(state_->handle, static_cast<int>(names.size()), names.data(), &options);
  });
  if (!reply || reply->is_abandoned || (!reply->is_good && reply->code < 0)) return std::nullopt;
  if (reply->reason_codes.empty()) return std::vector<int>(filters.size(), reply->code);
  return reply->reason_codes;
}

}  // namespace millrace::mqtt
