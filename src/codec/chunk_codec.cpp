// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/chunk_codec.hpp"

#include <isa-l/crc64.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

namespace millrace {
namespace {

// The 8x8 byte transpose of Hacker's Delight: eight elements in, one row of eight bytes out a plane.
void transpose_8x8(std::uint64_t (&x)[8]) {
  for (int step = 4; step > 0; step /= 2) {
    const std::uint64_t low = step == 4   ? 0x00000000FFFFFFFFull
                              : step == 2 ? 0x0000FFFF0000FFFFull
                                          : 0x00FF00FF00FF00FFull;
    for (int i = 0; i < 8; ++i) {
      if ((i & step) != 0) continue;
      const auto swapped = ((x[i] >> (8 * step)) ^ x[i + step]) & low;
      x[i + step] ^= swapped;
      x[i] ^= swapped << (8 * step);
    }
  }
}

void shuffle_any(const std::byte* in, std::size_t element_bytes, std::size_t elements, std::byte* out) {
  for (std::size_t byte = 0; byte < element_bytes; ++byte)
    for (std::size_t element = 0; element < elements; ++element)
      out[byte * elements + element] = in[element * element_bytes + byte];
}

void shuffle_8(const std::byte* in, std::size_t elements, std::byte* out) {
  const auto whole = elements / 8 * 8;
  for (std::size_t element = 0; element < whole; element += 8) {
    std::uint64_t x[8];
    std::memcpy(x, in + element * 8, sizeof x);
    transpose_8x8(x);
    for (std::size_t byte = 0; byte < 8; ++byte) std::memcpy(out + byte * elements + element, &x[byte], 8);
  }
  for (auto element = whole; element < elements; ++element)
    for (std::size_t byte = 0; byte < 8; ++byte) out[byte * elements + element] = in[element * 8 + byte];
}

bool isal_deflate_bytes(std::span<const std::byte> in, Bytes& out) {
  thread_local RawVector<std::uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  thread_local isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
  stream.gzip_flag = IGZIP_ZLIB;
  stream.end_of_stream = 1;
  stream.next_in = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(in.data()));
  stream.avail_in = static_cast<std::uint32_t>(in.size());
  out.resize(in.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  if (isal_deflate_stateless(&stream) != COMP_OK) return false;
  out.resize(stream.total_out);
  return out.size() < in.size();
}

bool zlib_deflate_bytes(std::span<const std::byte> in, int level, Bytes& out) {
  out.resize(compressBound(in.size()));
  uLongf size = out.size();
  const auto status = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(in.data()), in.size(), level);
  out.resize(size);
  return status == Z_OK && size < in.size();
}

// Polynomials modulo that of CRC-64/XZ, the highest bit the constant term.
constexpr std::uint64_t crc64_one = 1ull << 63, crc64_polynomial = 0xC96C5795D7870F42ull;

std::uint64_t crc64_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (; a != 0; a <<= 1) {
    if ((a & crc64_one) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1) != 0 ? crc64_polynomial : 0);
  }
  return product;
}

}  // namespace

void shuffle_bytes(std::span<const std::byte> in, std::size_t element_bytes, std::span<std::byte> out) {
  const auto elements = in.size() / element_bytes;
  if (element_bytes == 8)
    shuffle_8(in.data(), elements, out.data());
  else
    shuffle_any(in.data(), element_bytes, elements, out.data());
}

bool deflate_bytes(std::span<const std::byte> in, int level, Bytes& out) {
  return level == 1 ? isal_deflate_bytes(in, out) : zlib_deflate_bytes(in, level, out);
}

std::uint64_t crc64(std::uint64_t before, std::span<const std::byte> bytes) {
  return crc64_ecma_refl(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// Behind `first` come second_bytes zero bytes: a multiplication by x to the power of their bits.
std::uint64_t crc64_of_both(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes) {
  auto square = crc64_one >> 8;
  for (auto left = second_bytes; left > 0; left /= 2) {
    if (left % 2 == 1) first = crc64_multiply(first, square);
    square = crc64_multiply(square, square);
  }
  return first ^ second;
}

}  // namespace millrace
