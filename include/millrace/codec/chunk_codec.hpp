// SPDX-License-Identifier: Apache-2.0
// Chunks of columns as HDF5's shuffle and deflate filters make them, so that any HDF5 reader takes them;
// ISA-L makes them several times faster than the library's own filters do. And a checksum at memory speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "millrace/base/bytes.hpp"

namespace millrace {

// Byte b of element e goes to out[b * elements + e]. in.size() is a multiple of element_bytes; out is as long
// as in.
void shuffle_bytes(std::span<const std::byte> in, std::size_t element_bytes, std::span<std::byte> out);

// A zlib stream (RFC 1950) of `in`, level 1 to 9. False, and `out` of no use, if it would not be smaller than
// `in`. Safe from several threads at once.
bool deflate_bytes(std::span<const std::byte> in, int level, Bytes& out);

// CRC-64/XZ. `before` is the CRC of what stood before `bytes`, 0 at the beginning.
std::uint64_t crc64(std::uint64_t before, std::span<const std::byte> bytes);
// The CRC of two pieces, one behind the other, from the CRC of each (as zlib's crc32_combine).
std::uint64_t crc64_of_both(std::uint64_t first, std::uint64_t second, std::uint64_t second_bytes);

}  // namespace millrace
