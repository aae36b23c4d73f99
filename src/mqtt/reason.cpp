// SPDX-License-Identifier: Apache-2.0
#include "mqtt/reason.hpp"

#include <MQTTAsync.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::mqtt {
namespace {

const char* advice(int reason_code, const ConnectSettings& settings) {
  switch (reason_code) {
    case MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD:
    case MQTTREASONCODE_NOT_AUTHORIZED:
      if (settings.user.empty()) return "it may want `user` and `password`";
      return "check `user` and `password`, and what the broker allows that user";
    case MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION:
      return settings.is_v5 ? "set `version` to 3.1.1" : "set `version` to 5";
    case MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID:
      return "choose another `client_id`";
    case MQTTREASONCODE_BANNED:
    case MQTTREASONCODE_BAD_AUTHENTICATION_METHOD:
      return "ask whoever runs the broker";
    default:
      return "it may be better later";
  }
}

}  // namespace

int reason_of_connack(int return_code, bool is_v5) {
  constexpr std::array codes{MQTTREASONCODE_SUCCESS,
                             MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION,
                             MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID,
                             MQTTREASONCODE_SERVER_UNAVAILABLE,
                             MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD,
                             MQTTREASONCODE_NOT_AUTHORIZED};
  if (is_v5 || return_code < 0 || return_code >= static_cast<int>(codes.size())) return return_code;
  return codes[static_cast<std::size_t>(return_code)];
}

bool is_final(int reason_code) {
  constexpr std::array codes{MQTTREASONCODE_UNSUPPORTED_PROTOCOL_VERSION,
                             MQTTREASONCODE_CLIENT_IDENTIFIER_NOT_VALID,
                             MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD,
                             MQTTREASONCODE_NOT_AUTHORIZED,
                             MQTTREASONCODE_BANNED,
                             MQTTREASONCODE_BAD_AUTHENTICATION_METHOD};
  return std::any_of(codes.begin(), codes.end(), [&](int code) { return code == reason_code; });
}

std::string reason_text(int reason_code) {
  const auto* text = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(reason_code));
  return text == nullptr ? fmt::format("reason code {}", reason_code) : text;
}

std::string refusal_text(int reason_code, const ConnectSettings& settings) {
  return fmt::format("the broker refuses: {}; {}", reason_text(reason_code), advice(reason_code, settings));
}

}  // namespace millrace::mqtt
