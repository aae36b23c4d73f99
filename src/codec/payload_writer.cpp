// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zlib.h>

#include "millrace/base/error.hpp"
#include "millrace/codec/chunk_codec.hpp"
#include "millrace/codec/payload.hpp"
#include "millrace/codec/row_encoder.hpp"

namespace millrace {
namespace {

std::string array_of(const std::vector<std::string_view>& rows) {
  std::string text = "[";
  for (const auto row : rows) {
    if (text.size() > 1) text += ',';
    text += row;
  }
  return text += ']';
}

std::string lines_of(const std::vector<std::string_view>& rows) {
  std::string text;
  for (const auto row : rows) text.append(row) += '\n';
  return text;
}

// The fast way gives up where it finds nothing to save.
std::string zlib_of(std::string_view text) {
  Bytes packed;
  if (deflate_bytes(std::as_bytes(std::span(text)), 1, packed))
    return {reinterpret_cast<const char*>(packed.data()), packed.size()};
  auto size = compressBound(text.size());
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                text.size(), 1) != Z_OK)
    throw Error(ExitCode::failed, "zlib has no memory for a payload");
  out.resize(size);
  return out;
}

}  // namespace

std::string write_payload(PayloadForm form, const std::vector<std::string_view>& rows) {
  switch (form) {
    case PayloadForm::row:
      if (rows.size() == 1) return std::string(rows.front());
      throw Error(ExitCode::failed,
                  fmt::format("a payload of the form row holds one row, not {}", rows.size()));
    case PayloadForm::array:
      return array_of(rows);
    case PayloadForm::packed:
      return base64(zlib_of(array_of(rows)));
    case PayloadForm::lines:
    case PayloadForm::csv:
      break;
  }
  return lines_of(rows);
}

}  // namespace millrace
