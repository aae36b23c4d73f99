// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/bytes.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "millrace/base/checksum.hpp"

using namespace millrace;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text));
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_writer_wrote_a_reader_reads_back_in_order) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.value(std::uint8_t{7});
  out.text("wind");
  const std::vector<double> numbers{1.5, -2.5};
  out.array(std::span<const double>(numbers));
  out.value(std::int64_t{-9});

  ByteReader in(bytes);
  BOOST_TEST(in.value<std::uint8_t>() == 7);
  BOOST_TEST(in.text() == "wind");
  const auto read = in.array<double>();
  BOOST_TEST(std::vector<double>(read.begin(), read.end()) == numbers);
  BOOST_TEST(reinterpret_cast<std::uintptr_t>(read.data()) % 8 == 0);
  BOOST_TEST(in.value<std::int64_t>() == -9);
  BOOST_TEST(in.left() == 0);
}

BOOST_AUTO_TEST_CASE(a_reader_refuses_every_truncation) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.text("barometer");
  const std::vector<std::int64_t> numbers{1, 2, 3};
  out.array(std::span<const std::int64_t>(numbers));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read_all = [&] {
      ByteReader in({bytes.data(), size});
      in.text();
      in.array<std::int64_t>();
    };
    BOOST_CHECK_THROW(read_all(), std::out_of_range);
  }
}

BOOST_AUTO_TEST_CASE(an_array_that_claims_more_than_memory_holds_is_refused) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.value(static_cast<std::uint64_t>(-1));
  ByteReader in(bytes);
  BOOST_CHECK_THROW(in.array<double>(), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(sha256_and_crc32_are_the_published_ones) {
  Sha256 sha;
  sha.add(bytes_of("a"));
  sha.add(bytes_of("bc"));
  BOOST_TEST(sha.hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(crc32(bytes_of("123456789")) == 0xcbf43926u);
}
