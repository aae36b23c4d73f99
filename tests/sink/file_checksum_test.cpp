// SPDX-License-Identifier: Apache-2.0
#include "sink/file_checksum.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "millrace/codec/chunk_codec.hpp"
#include "sink/fixture.hpp"

using namespace millrace;

namespace {

constexpr std::size_t file_bytes = 1u << 20;

// A file in memory that is written to at random places, and its checksum.
struct Written {
  Bytes bytes = Bytes(file_bytes, std::byte{0});
  FileChecksum checksum;

  void write(std::size_t address, std::size_t size, std::mt19937& random) {
    const auto piece = std::span(bytes).subspan(address, size);
    for (auto& byte : piece) byte = static_cast<std::byte>(random());
    checksum.add(address, piece.size(), crc64(0, piece));
  }
};

void save(const Path& path, std::span<const std::byte> bytes) {
  File::open(path, File::Mode::write_new).write_all(bytes);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_running_checksum_is_that_of_the_file_for_any_order_and_overlap_of_writes) {
  const test::TemporaryFolder path;
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    Written file;
    for (int write = 0; write < 40; ++write) {
      const auto size = random() % (write % 2 == 0 ? 200'000 : 2'000);
      file.write(random() % (file_bytes - size), size, random);
    }
    save(path / "file", file.bytes);
    BOOST_REQUIRE_EQUAL(file.checksum.finish(path / "file"), crc64(0, file.bytes));
    BOOST_REQUIRE_EQUAL(crc64_of_file(path / "file"), crc64(0, file.bytes));
  }
}

BOOST_AUTO_TEST_CASE(a_file_cut_short_behind_its_writes_has_the_checksum_of_what_is_left) {
  const test::TemporaryFolder path;
  std::mt19937 random(8);
  Written file;
  file.write(0, 300'000, random);
  file.write(300'000, 300'000, random);
  for (const std::size_t size : {600'000, 599'999, 300'000, 1, 0}) {
    const auto left = std::span<const std::byte>(file.bytes).first(size);
    save(path / "file", left);
    BOOST_TEST(file.checksum.finish(path / "file") == crc64(0, left));
  }
}

BOOST_AUTO_TEST_CASE(a_file_cut_and_made_longer_again_has_zeros_in_its_checksum) {
  const test::TemporaryFolder path;
  std::mt19937 random(10);
  Written file;
  file.write(0, 300'000, random);
  file.write(300'000, 300'000, random);
  file.checksum.resize(400'000);
  file.checksum.resize(file_bytes);
  std::fill(file.bytes.begin() + 400'000, file.bytes.end(), std::byte{0});
  save(path / "file", file.bytes);
  BOOST_TEST(file.checksum.finish(path / "file") == crc64(0, file.bytes));
}

BOOST_AUTO_TEST_CASE(the_checksum_is_of_what_was_written_not_of_what_the_file_became) {
  const test::TemporaryFolder path;
  std::mt19937 random(9);
  Written file;
  file.write(0, file_bytes, random);
  auto damaged = file.bytes;
  damaged[500'000] ^= std::byte{1};
  save(path / "file", damaged);
  BOOST_TEST(file.checksum.finish(path / "file") == crc64(0, file.bytes));
}
