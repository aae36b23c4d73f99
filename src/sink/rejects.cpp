// SPDX-License-Identifier: Apache-2.0
#include "sink/rejects.hpp"

#include "millrace/codec/row_encoder.hpp"

namespace millrace {

void append_rejects(const SinkMessage& message, std::string& out) {
  for (std::size_t reject = 0; reject < message.result.rejects.size(); ++reject) {
    const auto& [row, reason, bytes] = message.result.rejects[reject];
    out += "{\"reason\":";
    append_json_text(reason, out);
    out += ",\"source\":";
    append_json_text(reject < message.reject_places.size() ? message.reject_places[reject] : "", out);
    if (is_utf8(bytes)) {
      out += ",\"row\":";
      append_json_text(bytes, out);
    } else {
      out += ",\"row_base64\":\"" + base64(bytes) + '"';
    }
    out += "}\n";
  }
}

}  // namespace millrace
