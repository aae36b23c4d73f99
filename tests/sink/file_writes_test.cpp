// SPDX-License-Identifier: Apache-2.0
#include "sink/file_writes.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <random>

#include "millrace/codec/chunk_codec.hpp"
#include "sink/fixture.hpp"

using namespace millrace;

namespace {

Bytes random_bytes(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

struct Written {
  test::TemporaryFolder folder;
  File file = File::open(folder / "file", File::Mode::update);
  FileWrites writes;

  Written() { writes.use(file.descriptor()); }
  Bytes bytes() const { return read_file(folder / "file"); }
  std::uint64_t crc64() const { return writes.crc64(folder / "file"); }
  void gather(std::uint64_t address, std::span<const std::byte> piece) {
    writes.let_wait(piece.data());
    writes.write(address, piece);
  }
};

// Of a file that this process writes, while it lives; a write beyond it fails.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

BOOST_AUTO_TEST_CASE(pieces_that_follow_one_another_wait_until_they_are_written_together) {
  Written written;
  const auto bytes = random_bytes(100'000, 1);
  const auto piece = [&](std::size_t at, std::size_t count) { return std::span(bytes).subspan(at, count); };
  {
    const GatheredWrites gathered(written.writes);
    written.gather(0, piece(0, 30'000));
    written.gather(30'000, piece(30'000, 70'000));
    BOOST_TEST(written.bytes().size() == 0);
  }
  BOOST_TEST((written.bytes() == bytes));
  BOOST_TEST(written.crc64() == crc64(0, bytes));
  written.writes.write(0, piece(30'000, 10));
  BOOST_TEST((written.bytes()[0] == bytes[30'000]));  // at once, as it may not wait any more
}

BOOST_AUTO_TEST_CASE(bytes_that_nobody_said_may_wait_are_written_before_they_are_gone) {
  Written written;
  auto bytes = random_bytes(40'000, 2);
  const auto before = bytes;
  const GatheredWrites gathered(written.writes);
  written.gather(0, std::span(bytes).first(10'000));
  written.writes.write(10'000, std::span(bytes).subspan(10'000));
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  BOOST_TEST((written.bytes() == before));
}

BOOST_AUTO_TEST_CASE(a_gathered_file_is_what_the_same_pieces_make_one_by_one) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    Written one_by_one, together;
    std::vector<Bytes> pieces;
    const GatheredWrites gathered(together.writes);
    std::uint64_t address = 0;
    for (int count = 0; count < 3000; ++count) {
      if (random() % 100 == 0)
        address = random() % 4'000'000;  // ahead, leaving a hole, or over what is there
      pieces.push_back(
          random_bytes(1 + random() % (count % 50 == 0 ? 300'000 : 600), static_cast<std::uint32_t>(count)));
      one_by_one.writes.write(address, pieces.back());
      if (random() % 64 == 0)
        together.writes.write(address, pieces.back());
      else
        together.gather(address, pieces.back());
      address += pieces.back().size();
    }
    together.writes.write_gathered();
    BOOST_REQUIRE((together.bytes() == one_by_one.bytes()));
    BOOST_REQUIRE_EQUAL(together.crc64(), one_by_one.crc64());
    BOOST_REQUIRE_EQUAL(together.crc64(), crc64(0, together.bytes()));
    BOOST_REQUIRE_EQUAL(together.writes.error_number(), 0);
  }
}

BOOST_AUTO_TEST_CASE(what_is_gathered_does_not_grow_beyond_two_megabytes) {
  Written written;
  const auto piece = random_bytes(64u << 10, 4);
  const GatheredWrites gathered(written.writes);
  for (std::size_t count = 0; count < 100; ++count) {
    written.gather(count * piece.size(), piece);
    BOOST_REQUIRE_LT((count + 1) * piece.size() - written.bytes().size(), 2u << 20);
  }
}

BOOST_AUTO_TEST_CASE(a_write_that_is_cut_short_goes_on_and_its_failure_is_remembered) {
  Written written;
  const auto bytes = random_bytes(200'000, 5);
  {
    const FileSizeLimit limit(100'000);
    const GatheredWrites gathered(written.writes);
    for (std::size_t at = 0; at < bytes.size(); at += 40'000)
      written.gather(at, std::span(bytes).subspan(at, 40'000));
  }
  BOOST_TEST(written.writes.error_number() == EFBIG);
  const auto stored = written.bytes();
  BOOST_TEST_REQUIRE(stored.size() == 100'000);
  BOOST_TEST(std::equal(stored.begin(), stored.end(), bytes.begin()));
}

BOOST_AUTO_TEST_CASE(the_first_failure_is_the_one_that_is_remembered) {
  FileWrites writes;
  writes.remember_failure(ENOSPC);
  writes.remember_failure(EIO);
  BOOST_TEST(writes.error_number() == ENOSPC);
}

BOOST_AUTO_TEST_CASE(more_pieces_than_one_system_call_takes_are_all_written) {
  Written written;
  const auto bytes = random_bytes(20'000, 6);
  {
    const GatheredWrites gathered(written.writes);
    for (std::size_t at = 0; at < bytes.size(); ++at) written.gather(at, std::span(bytes).subspan(at, 1));
  }
  BOOST_TEST(written.writes.error_number() == 0);
  BOOST_TEST((written.bytes() == bytes));
}

BOOST_AUTO_TEST_CASE(a_file_is_cut_behind_what_was_gathered_for_it) {
  Written written;
  auto bytes = random_bytes(50'000, 7);
  const GatheredWrites gathered(written.writes);
  written.gather(0, bytes);
  written.writes.resize(20'000);
  BOOST_TEST(written.bytes().size() == 20'000);
  written.writes.resize(50'000);
  std::fill(bytes.begin() + 20'000, bytes.end(), std::byte{0});
  BOOST_TEST((written.bytes() == bytes));
  BOOST_TEST(written.crc64() == crc64(0, bytes));
}
