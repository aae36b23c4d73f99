// SPDX-License-Identifier: Apache-2.0
#include "payload_base64.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace millrace {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0x80;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t value = 0; value < alphabet.size(); ++value)
    values[static_cast<unsigned char>(alphabet[value])] = static_cast<std::uint8_t>(value);
  return values;
}
constexpr auto digits = digit_values();

std::uint32_t digit(char c) {
  return digits[static_cast<unsigned char>(c)];
}

std::string wrong_byte(std::string_view text) {
  const auto wrong =
      std::find_if(text.begin(), text.end(), [](char c) { return digit(c) == no_digit; }) - text.begin();
  const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(wrong)]);
  if (byte == '\n' || byte == '\r') return "a line break stands inside the base64 text";
  return fmt::format("the base64 text holds a byte that is none of base64, found 0x{:02x} at byte {}", byte,
                     wrong);
}

// Groups of four; false: some byte is no digit.
bool read_groups(std::string_view text, char* out) {
  std::uint32_t seen = 0;
  for (std::size_t at = 0; at < text.size(); at += 4, out += 3) {
    const auto a = digit(text[at]), b = digit(text[at + 1]), c = digit(text[at + 2]), d = digit(text[at + 3]);
    seen |= a | b | c | d;
    const auto group = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<char>(group >> 16);
    out[1] = static_cast<char>(group >> 8);
    out[2] = static_cast<char>(group);
  }
  return (seen & no_digit) == 0;
}

}  // namespace

std::string read_base64(std::string_view text, std::string& bytes) {
  auto body = text;
  while (body.ends_with('=') && text.size() - body.size() < 2) body.remove_suffix(1);
  std::string padded(body.substr(body.size() / 4 * 4));
  const auto rest = padded.size();
  if (rest > 0) padded.resize(4, 'A');
  bytes.resize((body.size() + 3) / 4 * 3);
  const bool good = read_groups(body.substr(0, body.size() - rest), bytes.data());
  if (!read_groups(padded, bytes.data() + body.size() / 4 * 3) || !good) return wrong_byte(body);
  if (text.size() % 4 != 0) return "the base64 text is cut short or not padded";
  const auto size = body.size() * 3 / 4;
  if (std::any_of(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end(),
                  [](char c) { return c != 0; }))
    return "the base64 text ends in bits that belong to no byte";
  bytes.resize(size);
  return "";
}

}  // namespace millrace
