// SPDX-License-Identifier: Apache-2.0
// What is appended lies in the tail first, and is found there by whoever opens what a killed process left.
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <thread>

#include "journal/fixture.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr std::size_t head_bytes = 64;

bool is_damage(const JournalFinding& finding) {
  return finding.kind == JournalFinding::Kind::damage;
}

void flip(const fs::path& file, std::size_t at) {
  auto bytes = read_file(file);
  bytes[at] ^= std::byte{static_cast<unsigned char>(1u << at % 8)};
  File::open(file, File::Mode::write_new).write_all(bytes);
}

JournalSettings ring_of(std::uint64_t bytes, const fs::path& folder) {
  auto settings = small_journal(folder / "journal");
  settings.tail_bytes = bytes;
  settings.segment_bytes = 100'000;
  return settings;
}

// Payloads 0 to 94, all in the segment's file.
std::unique_ptr<Journal> journal_with_95(const JournalSettings& settings) {
  auto journal = Journal::open(settings, {});
  append_all(*journal, 0, 95);
  BOOST_TEST(payloads_of(*journal).size() == 95u);
  return journal;
}

std::uint64_t allocated_bytes(const fs::path& file) {
  struct stat status {};
  BOOST_REQUIRE(::stat(file.c_str(), &status) == 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// Those that are there are what was appended first.
void check_is_a_beginning(const Journal& journal, std::uint64_t most) {
  const auto payloads = payloads_of(journal);
  BOOST_TEST(payloads.size() <= most);
  BOOST_TEST(payloads == deliveries_of(0, payloads.size()), boost::test_tools::per_element());
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(what_is_appended_is_in_its_file_when_it_is_read_and_not_before, TemporaryFolder) {
  const auto settings = small_journal(path() / "journal");
  const auto journal = Journal::open(settings, {});
  const auto file = files_of(settings.folder).at(0);
  const auto before = fs::file_size(file), counted = journal->bytes();
  append_all(*journal, 0, 5);
  BOOST_TEST(fs::file_size(file) == before);
  BOOST_TEST(journal->bytes() > counted);
  BOOST_TEST(payloads_of(*journal).size() == 5u);
  BOOST_TEST(fs::file_size(file) - before == journal->bytes() - counted);
}

BOOST_FIXTURE_TEST_CASE(an_append_without_room_writes_whole_quarters_of_the_ring, TemporaryFolder) {
  const auto settings = ring_of(4000, path());
  const auto journal = Journal::open(settings, {});
  const auto file = files_of(settings.folder).at(0);
  auto size = fs::file_size(file);
  std::size_t writes = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    append_all(*journal, number, number + 1);
    if (size == fs::file_size(file)) continue;
    size = fs::file_size(file);
    BOOST_TEST(size % 1000 == 0u);
    ++writes;
  }
  BOOST_TEST(writes > 5u);
  BOOST_TEST(payloads_of(*journal) == deliveries_of(0, 300), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(blocks_are_reserved_within_max_bytes_and_given_back, TemporaryFolder) {
  constexpr std::uint64_t rounding = 64 << 10;
  auto settings = ring_of(4000, path());
  settings.max_bytes = 400'000;
  settings.segment_bytes = 1 << 20;  // an eighth of max_bytes
  auto journal = Journal::open(settings, {});
  while (journal->append(delivery_of(0)) == Appended::kept) {
    std::uint64_t used = 0;
    for (const auto& file : files_of(settings.folder)) used += allocated_bytes(file);
    BOOST_REQUIRE(used <= settings.max_bytes + rounding);
  }
  journal.reset();
  const auto files = files_of(settings.folder);
  BOOST_TEST(files.size() > 3u);
  // As a process that was killed leaves it.
  File::open(files.back(), File::Mode::update).reserve(fs::file_size(files.back()), 1 << 20);
  journal = Journal::open(settings, {});
  for (const auto& file : files) BOOST_TEST(allocated_bytes(file) <= fs::file_size(file) + rounding / 4);
}

BOOST_FIXTURE_TEST_CASE(what_lies_in_the_tail_outlives_any_number_of_killed_processes, TemporaryFolder) {
  auto settings = small_journal(path() / "journal");
  settings.tail_bytes = 1000;
  std::uint64_t end = 0;
  for (int life = 0; life < 200; ++life) {
    const auto journal = Journal::open(settings, {});
    BOOST_TEST(journal->findings().empty());
    BOOST_REQUIRE(journal->end().payload == end);
    append_all(*journal, end, end + life % 7);
    end += life % 7;
    if (life % 3 == 0) payloads_of(*journal, {end > 3 ? end - 3 : 0});
    settings = killed(settings, path() / std::to_string(life));
  }
  BOOST_TEST(payloads_of(*Journal::open(settings, {})) == deliveries_of(0, end),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_tail_of_another_length_is_taken_and_one_that_is_not_wanted_goes, TemporaryFolder) {
  auto settings = small_journal(path() / "journal");
  std::uint64_t end = 0;
  const auto live = [&](std::uint64_t tail_bytes, Durability durability) {
    settings.tail_bytes = tail_bytes;
    settings.durability = durability;
    const auto journal = Journal::open(settings, {});
    BOOST_TEST(payloads_of(*journal) == deliveries_of(0, end), boost::test_tools::per_element());
    append_all(*journal, end, end + 4);
    end += 4;
    settings = killed(settings, path() / std::to_string(end));
  };
  for (const std::uint64_t tail_bytes : {1000, 60'000, 2000, 0, 1000}) live(tail_bytes, Durability::process);
  BOOST_TEST(fs::file_size(settings.folder / "tail") == head_bytes + 1000);
  live(1000, Durability::power);
  BOOST_TEST(!fs::exists(settings.folder / "tail"));
  live(1000, Durability::process);
}

// Of 2000 bytes, which went round several times.
BOOST_FIXTURE_TEST_CASE(a_damaged_tail_costs_at_most_what_it_holds, TemporaryFolder) {
  const LogLines log;
  const auto settings = ring_of(2000, path());
  const auto journal = journal_with_95(settings);
  append_all(*journal, 95, 100);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < 200; ++at) {
    BOOST_TEST_INFO_SCOPE("byte " << at);
    const auto copy = killed(settings, path() / "copy");
    flip(copy.folder / "tail", at);
    try {
      const auto again = Journal::open(copy, {});
      check_is_a_beginning(*again, 100);
      BOOST_TEST(again->end().payload >= 95u);
    } catch (const Error& error) {
      BOOST_TEST((error.code() == ExitCode::project_refused));
      ++refused;
    }
  }
  BOOST_TEST(refused == 4u);  // the bytes of the version
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, head_bytes, head_bytes + 10}) {
    const auto copy = killed(settings, path() / "copy");
    fs::resize_file(copy.folder / "tail", size);
    check_is_a_beginning(*Journal::open(copy, {}), 100);
  }
}

BOOST_FIXTURE_TEST_CASE(a_tail_behind_the_end_of_its_file_is_reported_and_dropped, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto journal = Journal::open(settings, {});
  append_all(*journal, 0, 5);
  BOOST_TEST(payloads_of(*journal).size() == 5u);
  append_all(*journal, 5, 10);
  const auto shorter = killed(settings, path() / "shorter");
  const auto file = files_of(shorter.folder).at(0);
  fs::resize_file(file, fs::file_size(file) - 1);
  {
    const auto again = Journal::open(shorter, {});
    BOOST_REQUIRE(!again->findings().empty());
    BOOST_TEST(is_damage(again->findings().front()));
    BOOST_TEST(again->findings().front().file == shorter.folder / "tail");
    BOOST_TEST(payloads_of(*again) == deliveries_of(0, 4), boost::test_tools::per_element());
    append_all(*again, 4, 6);
  }
  const auto gone = killed(settings, path() / "gone");
  fs::remove(files_of(gone.folder).at(0));
  BOOST_TEST(is_damage(Journal::open(gone, {})->findings().front()));
  const auto again = Journal::open(shorter, {});
  BOOST_TEST(again->findings().empty());
  BOOST_TEST(payloads_of(*again) == deliveries_of(0, 6), boost::test_tools::per_element());
}

// The machine stopped when the disk had the head of before and the ring and the segment of later.
BOOST_FIXTURE_TEST_CASE(an_old_head_of_a_newer_ring_spoils_nothing_that_the_file_has, TemporaryFolder) {
  const LogLines log;
  const auto settings = ring_of(3000, path());
  const auto journal = journal_with_95(settings);
  append_all(*journal, 95, 110);
  const auto old_tail = read_file(settings.folder / "tail");
  append_all(*journal, 110, 400);
  BOOST_TEST(payloads_of(*journal).size() == 400u);
  auto tail = read_file(settings.folder / "tail");
  std::copy_n(old_tail.begin(), head_bytes, tail.begin());
  std::uint64_t held[2];  // from which offset to which
  std::memcpy(held, old_tail.data() + 32, sizeof held);
  BOOST_REQUIRE(held[0] + 1000 < held[1]);
  for (const auto reaches :
       {held[0], held[0] + 900, held[1], held[1] + 900, journal->bytes() - tail.size()}) {
    BOOST_TEST_INFO_SCOPE("the file has " << reaches << " bytes");
    const auto copy = killed(settings, path() / "copy");
    fs::resize_file(files_of(copy.folder).at(0), reaches);
    fs::remove(copy.folder / "tail");
    const auto whole = Journal::open(copy, {})->end().payload;
    File::open(copy.folder / "tail", File::Mode::write_new).write_all(tail);
    const auto payloads = payloads_of(*Journal::open(copy, {}));
    BOOST_REQUIRE(payloads.size() >= whole);
    for (std::uint64_t number = 0; number < whole; ++number)
      BOOST_REQUIRE(payloads[number] == delivery_of(number));
  }
}

BOOST_FIXTURE_TEST_CASE(a_tail_that_does_not_fit_is_not_made, TemporaryFolder) {
  auto settings = small_journal(path() / "journal");
  settings.durability = Durability::power;
  std::uint64_t kept = 0;
  {
    const auto journal = Journal::open(settings, {});
    while (journal->append(delivery_of(kept)) == Appended::kept) ++kept;
  }
  settings.durability = Durability::process;
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(!fs::exists(settings.folder / "tail"));
  BOOST_TEST(bytes_on_disk(settings.folder) <= settings.max_bytes);
  BOOST_TEST(payloads_of(*journal).size() == kept);
}

BOOST_FIXTURE_TEST_CASE(a_journal_whose_tail_cannot_be_made_does_without, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  fs::create_directories(settings.folder);
  fs::create_symlink("/dev/null", settings.folder / "tail");
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(log.has("each entry is written to its file at once"));
  append_all(*journal, 0, 10);
  BOOST_TEST(payloads_of(*journal) == deliveries_of(0, 10), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(readers_that_empty_the_tail_beside_a_writer_see_everything_in_order,
                        TemporaryFolder) {
  constexpr std::uint64_t count = 20'000;
  auto settings = small_journal(path());
  settings.max_bytes = 64 << 20;
  settings.segment_bytes = 100'000;
  settings.tail_bytes = 3000;
  const auto journal = Journal::open(settings, {});
  const auto read_all = [&] {
    const auto reader = journal->read({});
    JournalPayload payload;
    for (std::uint64_t number = 0; number < count;)
      if (reader->next(payload) && !(own(payload.delivery) == delivery_of(number++))) return false;
    return true;
  };
  bool is_right[2] = {false, false};
  std::thread first([&] { is_right[0] = read_all(); }), second([&] { is_right[1] = read_all(); });
  append_all(*journal, 0, count);
  first.join();
  second.join();
  BOOST_TEST((is_right[0] && is_right[1]));
}
