// SPDX-License-Identifier: Apache-2.0
#include "sink/rejects.hpp"

#include <fmt/format.h>

#include <iterator>

#include "millrace/codec/row_encoder.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

constexpr std::size_t piece_bytes = 3u << 16;  // whole base64 groups

void append_bytes(const std::string& name, std::string_view bytes, GrowingFile& file) {
  auto& out = file.pending();
  const bool is_text = is_utf8(bytes);
  out += ",\"" + name + (is_text ? "\":\"" : "_base64\":\"");
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    const auto piece = bytes.substr(at, piece_bytes);
    if (is_text)
      append_json_escaped(piece, out);
    else
      out += base64(piece);
    file.flush_if_large();
  }
  out += '"';
}

}  // namespace

void append_rejects(const SinkMessage& message, std::uint64_t first_row, GrowingFile& file) {
  auto& out = file.pending();
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
    append_bytes(origin.is_payload ? "payload" : "row", reject.bytes, file);
    out += "}\n";
    file.flush_if_large();
  }
}

}  // namespace millrace
