// SPDX-License-Identifier: Apache-2.0
#include "payload_inflate.hpp"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>

namespace millrace {
namespace {

constexpr std::size_t first_room = 64u << 10;
constexpr std::size_t most_at_once = std::size_t{1} << 30;  // ISA-L counts in 32 bits

constexpr std::size_t zlib_header_bytes = 2, zlib_trailer_bytes = 4;

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::uint32_t count_of(std::size_t bytes) {
  return static_cast<std::uint32_t>(std::min(bytes, most_at_once));
}

}  // namespace

struct Inflater::Stream {
  inflate_state state;
};

Inflater::Inflater(std::size_t max_bytes) : max_bytes_(max_bytes), stream_(std::make_unique<Stream>()) {}
Inflater::~Inflater() = default;

std::string Inflater::inflate(Wrapper wrapper, std::string_view packed) {
  size_ = 0;
  return wrapper == Wrapper::gzip ? inflate_gzip(packed) : inflate_zlib(packed);
}

std::string Inflater::inflate_gzip(std::string_view packed) {
  do {
    if (auto fault = inflate_stream(ISAL_GZIP, "gzip", packed); !fault.empty()) return fault;
  } while (packed.starts_with(gzip_begin));
  return packed.empty() ? "" : "something stands behind the gzip data";
}

// ISA-L can read this wrapper too, but then forgets up to four bytes that stand behind it. Of the bare stream
// it says how many bytes behind the end it holds.
std::string Inflater::inflate_zlib(std::string_view packed) {
  if (packed.size() < zlib_header_bytes) return "the zlib data ends too early";
  const auto header = big_endian(packed.substr(0, zlib_header_bytes));
  if (header % 31 != 0 || (header >> 8 & 15) != Z_DEFLATED || header >> 12 > 7)
    return "the payload holds no zlib data";
  if ((header & 32) != 0) return "the zlib data asks for a dictionary";
  packed.remove_prefix(zlib_header_bytes);
  if (auto fault = inflate_stream(ISAL_DEFLATE, "zlib", packed); !fault.empty()) return fault;
  const auto held_back = static_cast<std::size_t>(stream_->state.read_in_length) / 8;
  packed = {packed.data() - held_back, packed.size() + held_back};
  if (packed.size() < zlib_trailer_bytes) return "the zlib data ends too early";
  const auto checksum =
      adler32_z(adler32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(plain_.data()), size_);
  if (checksum != big_endian(packed.substr(0, zlib_trailer_bytes))) return "the zlib data is damaged";
  return packed.size() == zlib_trailer_bytes ? "" : "something stands behind the zlib data";
}

// Takes from `packed` what it used.
std::string Inflater::inflate_stream(unsigned wrapper, std::string_view name, std::string_view& packed) {
  auto& state = stream_->state;
  isal_inflate_init(&state);
  state.crc_flag = wrapper;
  for (;;) {
    make_room();
    const auto in = count_of(packed.size()), room = count_of(plain_.size() - size_);
    state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(packed.data()));
    state.avail_in = in;
    state.next_out = reinterpret_cast<std::uint8_t*>(plain_.data() + size_);
    state.avail_out = room;
    const auto result = isal_inflate(&state);
    if (result < 0) return fmt::format("the {} data is damaged", name);
    packed.remove_prefix(in - state.avail_in);
    size_ += room - state.avail_out;
    if (size_ > max_bytes_) return too_many_bytes(max_bytes_);
    if (state.block_state == ISAL_BLOCK_FINISH) return "";
    if (packed.empty() && state.avail_out > 0) return fmt::format("the {} data ends too early", name);
  }
}

void Inflater::make_room() {
  if (size_ == plain_.size()) plain_.resize(std::min(std::max(first_room, 2 * size_), max_bytes_ + 1));
}

std::string too_many_bytes(std::size_t max_bytes) {
  return fmt::format("expected at most {} bytes (max_payload_bytes), found more", max_bytes);
}

}  // namespace millrace
