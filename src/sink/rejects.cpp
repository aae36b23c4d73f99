// SPDX-License-Identifier: Apache-2.0
#include "sink/rejects.hpp"

#include <fmt/format.h>

#include <iterator>

#include "millrace/codec/row_encoder.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

void append_bytes(const std::string& name, const std::string& bytes, std::string& out) {
  if (is_utf8(bytes)) {
    out += ",\"" + name + "\":";
    append_json_text(bytes, out);
  } else {
    out += ",\"" + name + "_base64\":\"" + base64(bytes) + '"';
  }
}

}  // namespace

void append_rejects(const SinkMessage& message, std::uint64_t first_row, std::string& out) {
  for (std::size_t index = 0; index < message.result.rejects.size(); ++index) {
    const auto& reject = message.result.rejects[index];
    const auto origin =
        index < message.reject_origins.size() ? message.reject_origins[index] : RejectOrigin{};
    out += "{\"reason\":";
    append_json_text(reject.reason, out);
    out += ",\"source\":";
    append_json_text(origin.place, out);
    fmt::format_to(std::back_inserter(out), ",\"input_row\":{}", input_row(message, first_row, reject.row));
    if (origin.is_payload) {
      out += ",\"topic\":";
      append_json_text(origin.topic, out);
    }
    append_bytes(origin.is_payload ? "payload" : "row", reject.bytes, out);
    out += "}\n";
  }
}

}  // namespace millrace
