// SPDX-License-Identifier: Apache-2.0
// What is left of a journal whose files were cut or damaged: everything but what lay there.
#include <boost/test/unit_test.hpp>

#include "journal/fixture.hpp"
#include "millrace/base/error.hpp"
#include "millrace/codec/chunk_codec.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

using Kind = JournalFinding::Kind;

Bytes bytes_of(const fs::path& file) {
  return read_file(file);
}

void put(const fs::path& file, std::span<const std::byte> bytes) {
  File::open(file, File::Mode::write_new).write_all(bytes);
}

// Payloads 0 to 5 with a boundary behind each pair; where each payload's entry ends is told.
std::vector<std::uint64_t> write_small(const JournalSettings& settings) {
  std::vector<std::uint64_t> ends;
  const auto journal = Journal::open(settings, {});
  const auto tail = fs::file_size(settings.folder / "tail");
  ends.push_back(journal->bytes() - tail);
  for (std::uint64_t number = 0; number < 6; ++number) {
    append_all(*journal, number, number + 1);
    ends.push_back(journal->bytes() - tail);
    if (number % 2 == 1) journal->append(JournalBoundary{number / 2, {number + 1}, 2, number});
  }
  return ends;
}

std::size_t count(const Journal& journal, Kind kind) {
  return std::count_if(journal.findings().begin(), journal.findings().end(),
                       [&](const auto& finding) { return finding.kind == kind; });
}

// Everything of deliveries 0 to 5 but those of `missing`, and further ones behind.
void check_goes_on(const JournalSettings& settings, std::uint64_t missing_first, std::uint64_t missing_end) {
  {
    const auto journal = Journal::open(settings, {});
    BOOST_TEST(journal->findings().empty() == (missing_first == missing_end));
    append_all(*journal, journal->end().payload, 9);
  }
  const auto journal = Journal::open(settings, {});
  auto expected = deliveries_of(0, missing_first);
  const auto behind = deliveries_of(missing_end, 9);
  expected.insert(expected.end(), behind.begin(), behind.end());
  BOOST_TEST(payloads_of(*journal) == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_journal_cut_at_any_byte_keeps_every_entry_before_it, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto ends = write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  const auto whole = bytes_of(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    BOOST_TEST_INFO_SCOPE("cut at " << size);
    put(file, std::span(whole).first(size));
    const auto kept = std::upper_bound(ends.begin() + 1, ends.end(), size) - ends.begin() - 1;
    {
      const auto journal = Journal::open(settings, {});
      BOOST_TEST(payloads_of(*journal) == deliveries_of(0, kept), boost::test_tools::per_element());
      BOOST_TEST(journal->end().payload == static_cast<std::uint64_t>(kept));
      BOOST_TEST(count(*journal, Kind::torn_tail) <= 1u);
      for (const auto& finding : journal->findings()) {
        BOOST_TEST(finding.file == file);
        BOOST_TEST(finding.offset + finding.bytes == size);
      }
      append_all(*journal, kept, 9);
    }
    const auto again = Journal::open(settings, {});
    BOOST_TEST(again->findings().empty());
    BOOST_TEST(payloads_of(*again) == deliveries_of(0, 9), boost::test_tools::per_element());
  }
  BOOST_TEST(log.has("cut off"));
}

BOOST_FIXTURE_TEST_CASE(damage_of_any_byte_costs_one_entry_and_is_reported_with_its_place, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto ends = write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  const auto whole = bytes_of(file);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    BOOST_TEST_INFO_SCOPE("damage at " << at);
    auto damaged = whole;
    damaged[at] ^= std::byte{static_cast<unsigned char>(1u << at % 8)};
    put(file, damaged);
    const auto journal = Journal::open(settings, {});
    BOOST_REQUIRE(!journal->findings().empty());
    const auto& finding = journal->findings().front();
    BOOST_TEST(finding.file == file);
    BOOST_TEST((finding.offset <= at && at < finding.offset + finding.bytes));
    BOOST_TEST(finding.bytes < 400u);
    // The payload that the byte is of, if it is of one: the header, the window and boundaries are not.
    auto expected = deliveries_of(0, 6);
    for (std::size_t number = 0; number < 6; ++number)
      if (at < ends[number + 1] && at >= ends[number + 1] - (56 + 14 + payload_text(number).size()))
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(number));
    BOOST_TEST(payloads_of(*journal) == expected, boost::test_tools::per_element());
    BOOST_TEST(boundaries_of(*journal).size() + expected.size() == (at < ends[0] ? 9u : 8u));
    BOOST_TEST(count(*journal, Kind::lost) == 6 - expected.size());
  }
  BOOST_TEST(log.has("are damaged from byte"));
}

BOOST_FIXTURE_TEST_CASE(a_journal_with_a_damaged_middle_goes_on_with_new_numbers, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto ends = write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  auto bytes = bytes_of(file);
  bytes[ends[3] - 1] ^= std::byte{1};
  put(file, bytes);
  check_goes_on(settings, 2, 3);
  BOOST_TEST(log.has("payloads 2 to 2, which were acknowledged, are missing"));
}

BOOST_FIXTURE_TEST_CASE(payloads_that_only_their_boundary_tells_of_keep_their_numbers, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto ends = write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  auto bytes = bytes_of(file);
  bytes[ends[6] - 1] ^= std::byte{1};
  put(file, bytes);
  check_goes_on(settings, 5, 6);
}

BOOST_FIXTURE_TEST_CASE(a_stretch_of_rubbish_with_markers_in_it_is_stepped_over, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  const auto ends = write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  auto bytes = bytes_of(file);
  for (auto at = ends[1]; at + 4 < ends[4]; at += 4) std::memcpy(bytes.data() + at, "\xa7MRJ", 4);
  put(file, bytes);
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(count(*journal, Kind::damage) == 1u);
  BOOST_TEST(payloads_of(*journal) == (std::vector{delivery_of(0), delivery_of(4), delivery_of(5)}),
             boost::test_tools::per_element());
}

// Its head tells how long the damaged payload is, so that what it holds is not looked at.
BOOST_FIXTURE_TEST_CASE(a_journal_inside_a_damaged_payload_is_not_taken_for_one, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  write_small(settings);
  auto file = files_of(settings.folder).at(0);
  const auto inner = bytes_of(file);
  fs::remove(file);
  auto outer = delivery_of(0);
  outer.payload.assign(reinterpret_cast<const char*>(inner.data()), inner.size());
  {
    const auto journal = Journal::open(settings, {});
    journal->append(outer);
    append_all(*journal, 1, 3);
  }
  file = files_of(settings.folder).at(0);
  auto bytes = bytes_of(file);
  bytes[bytes.size() / 2] ^= std::byte{1};
  put(file, bytes);
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(payloads_of(*journal) == deliveries_of(1, 3), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_entry_of_another_segment_is_none, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  append_all(*Journal::open(settings, {}), 0, 100);
  const auto files = files_of(settings.folder);
  BOOST_REQUIRE(files.size() > 2u);
  put(files[1], bytes_of(files[0]));
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(count(*journal, Kind::damage) == 1u);
  BOOST_TEST(count(*journal, Kind::lost) == 1u);
  BOOST_TEST(payloads_of(*journal).size() < 100u);
}

BOOST_FIXTURE_TEST_CASE(a_missing_segment_is_reported_and_the_others_are_read, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  append_all(*Journal::open(settings, {}), 0, 200);
  const auto files = files_of(settings.folder);
  BOOST_REQUIRE(files.size() > 3u);
  const auto first = std::stoull(files[1].stem().string().substr(8));
  const auto end = std::stoull(files[2].stem().string().substr(8));
  fs::remove(files[1]);
  auto expected = deliveries_of(0, 200);
  expected.erase(expected.begin() + first, expected.begin() + end);
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(payloads_of(*journal) == expected, boost::test_tools::per_element());
  BOOST_TEST(count(*journal, Kind::lost) == 1u);
  BOOST_TEST(log.has("payloads " + std::to_string(first) + " to " + std::to_string(end - 1)));
}

BOOST_FIXTURE_TEST_CASE(missing_payloads_that_were_committed_are_no_loss, TemporaryFolder) {
  const auto settings = small_journal(path() / "journal");
  append_all(*Journal::open(settings, {}), 0, 200);
  const auto files = files_of(settings.folder);
  fs::remove(files[0]);
  const auto journal = Journal::open(settings, {150});
  BOOST_TEST(journal->findings().empty());
  BOOST_TEST(payloads_of(*journal, {150}) == deliveries_of(150, 200), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_journal_behind_the_commit_numbers_from_the_commit_on, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  append_all(*Journal::open(settings, {}), 0, 10);
  for (int time = 0; time < 2; ++time) {
    const auto journal = Journal::open(settings, {time == 0 ? 15u : 16u});
    BOOST_TEST(count(*journal, Kind::behind_commit) == (time == 0 ? 1u : 0u));
    const std::uint64_t end = time == 0 ? 15 : 16;
    BOOST_TEST(journal->end().payload == end);
    append_all(*journal, end, end + 1);
    BOOST_TEST(payloads_of(*journal, {end}) == deliveries_of(end, end + 1), boost::test_tools::per_element());
  }
}

BOOST_FIXTURE_TEST_CASE(another_version_is_refused_and_a_damaged_one_is_not, TemporaryFolder) {
  const LogLines log;
  const auto settings = small_journal(path() / "journal");
  write_small(settings);
  const auto file = files_of(settings.folder).at(0);
  auto bytes = bytes_of(file);
  bytes[16] = std::byte{3};
  put(file, bytes);
  BOOST_TEST(payloads_of(*Journal::open(settings, {})).size() == 6u);
  const Bytes number(8, std::byte{0});
  const auto check = crc64(crc64(0, number), std::span(bytes).first(24));
  std::memcpy(bytes.data() + 24, &check, sizeof check);
  put(file, bytes);
  BOOST_CHECK_EXCEPTION(Journal::open(settings, {}), Error, [](const Error& error) {
    return error.code() == ExitCode::project_refused &&
           std::string(error.what()).find("version 3,") != std::string::npos;
  });
}

BOOST_FIXTURE_TEST_CASE(segments_that_were_not_begun_go_and_other_files_stay, TemporaryFolder) {
  const auto settings = small_journal(path() / "journal");
  write_small(settings);
  const auto part = settings.folder / "segment-00000000000000000006.journal.part";
  replace_file(part, "half");
  replace_file(settings.folder / "notes.journal", "mine");
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(!fs::exists(part));
  BOOST_TEST(fs::exists(settings.folder / "notes.journal"));
  BOOST_TEST(payloads_of(*journal).size() == 6u);
}
