// SPDX-License-Identifier: Apache-2.0
// Chunks are packed as HDF5's filters define it: zlib and the definition of shuffle are the judges.
#include "millrace/codec/chunk_codec.hpp"

#include <zlib.h>

#include <boost/test/unit_test.hpp>
#include <string_view>

using namespace millrace;

namespace {

// Every third byte by chance, the rest repeating.
Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  std::uint32_t seed = 1;
  for (std::size_t at = 0; at < size; ++at) {
    seed = seed * 1664525 + 1013904223;
    bytes[at] = static_cast<std::byte>(at % 3 == 0 ? seed >> 24 : at / 100);
  }
  return bytes;
}

Bytes inflated(const Bytes& packed, std::size_t size) {
  Bytes plain(size);
  uLongf length = size;
  BOOST_TEST(uncompress(reinterpret_cast<Bytef*>(plain.data()), &length,
                        reinterpret_cast<const Bytef*>(packed.data()), packed.size()) == Z_OK);
  BOOST_TEST(length == size);
  return plain;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shuffling_puts_byte_b_of_element_e_at_b_times_elements_plus_e) {
  for (const std::size_t element_bytes : {2u, 4u, 8u, 12u})
    for (const std::size_t elements : {0u, 1u, 7u, 8u, 9u, 64u, 1001u}) {
      const auto in = some_bytes(element_bytes * elements);
      Bytes out(in.size());
      shuffle_bytes(in, element_bytes, out);
      for (std::size_t at = 0; at < in.size(); ++at)
        BOOST_REQUIRE((out[at % element_bytes * elements + at / element_bytes] == in[at]));
    }
}

BOOST_AUTO_TEST_CASE(zlib_inflates_what_was_deflated) {
  for (const int level : {1, 4, 9})
    for (const std::size_t size : {600u, 8192u, 1u << 20}) {
      const auto in = some_bytes(size);
      Bytes out;
      BOOST_REQUIRE(deflate_bytes(in, level, out));
      BOOST_TEST(out.size() < in.size());
      BOOST_TEST((inflated(out, in.size()) == in));
    }
}

BOOST_AUTO_TEST_CASE(what_would_grow_is_said_to) {
  Bytes noise(10'000), out;
  std::uint64_t seed = 1;
  for (auto& byte : noise) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::byte>(seed >> 56);
  }
  for (const int level : {1, 4, 9}) {
    BOOST_TEST(!deflate_bytes(noise, level, out));
    BOOST_TEST(!deflate_bytes(Bytes{}, level, out));
  }
}

BOOST_AUTO_TEST_CASE(the_checksum_is_that_of_xz) {
  constexpr std::string_view text = "123456789";
  const auto bytes = std::as_bytes(std::span(text));
  BOOST_TEST(crc64(0, bytes) == 0x995dc9bbdf1939faull);
  BOOST_TEST(crc64(crc64(0, bytes.first(4)), bytes.subspan(4)) == 0x995dc9bbdf1939faull);
}

BOOST_AUTO_TEST_CASE(the_checksum_of_two_pieces_follows_from_those_of_each) {
  Bytes bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * i >> 3);
  const auto all = std::span<const std::byte>(bytes);
  for (const std::size_t cut : {0, 1, 7, 4096, 65536, 99'999, 100'000}) {
    const auto both = crc64_of_both(crc64(0, all.first(cut)), crc64(0, all.subspan(cut)), all.size() - cut);
    BOOST_TEST(both == crc64(0, all));
  }
}
