// SPDX-License-Identifier: Apache-2.0
// A full disk, at whatever byte of an append, of a boundary or of a new segment it comes.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>

#include "base/small_disk.hpp"
#include "journal/fixture.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::optional<ExitCode> code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_costs_nothing_that_was_acknowledged_and_acknowledges_nothing_else) {
  const LogLines log;
  const SmallDisk disk;
  if (!disk.is_there()) return;
  std::size_t failures = 0, not_opened = 0, trial = 0;
  for (const auto durability : {Durability::process, Durability::power})
    for (const std::uint64_t segment_bytes : {4096, 100'000})
      for (std::uint64_t free = 0; free <= 64 << 10; free += 4 << 10) {
        auto settings = small_journal(disk.path() / std::to_string(trial++));
        settings.durability = durability;
        settings.segment_bytes = segment_bytes;
        std::uint64_t kept = 50;
        {
          const auto journal = Journal::open(settings, {});
          append_all(*journal, 0, kept);
          disk.fill_but(free);
          const auto code = code_of([&] {
            for (; kept < 2000; ++kept) journal->append(delivery_of(kept));
          });
          BOOST_TEST((code == ExitCode::no_space));
          failures += code.has_value();
          BOOST_TEST((code_of([&] { journal->append(delivery_of(kept)); }) == ExitCode::no_space));
          BOOST_TEST(journal->end().payload == kept);
          // What lies in the tail can be read once there is room for it in its file.
          const auto reading = code_of([&] { BOOST_TEST(payloads_of(*journal).size() == kept); });
          BOOST_TEST((!reading || (reading == ExitCode::no_space && durability == Durability::process)));
          if (trial % 3 != 0) {
            disk.make_room();
            BOOST_TEST(payloads_of(*journal) == deliveries_of(0, kept), boost::test_tools::per_element());
          }
          if (trial % 3 == 1) append_all(*journal, kept, kept + 10);
        }
        const auto opening = code_of([&] { BOOST_TEST(Journal::open(settings, {})->end().payload >= kept); });
        BOOST_TEST((!opening || (opening == ExitCode::no_space && trial % 3 == 0)));
        not_opened += opening.has_value();
        disk.make_room();
        const auto journal = Journal::open(settings, {});
        BOOST_TEST(journal->findings().empty());
        append_all(*journal, journal->end().payload, kept + 20);
        BOOST_TEST(payloads_of(*journal) == deliveries_of(0, kept + 20), boost::test_tools::per_element());
        fs::remove_all(settings.folder);
      }
  BOOST_TEST(failures == trial);
  BOOST_TEST(not_opened > 0u);
}

BOOST_AUTO_TEST_CASE(a_boundary_that_finds_no_room_can_be_appended_once_there_is) {
  const SmallDisk disk;
  if (!disk.is_there()) return;
  const auto settings = small_journal(disk.path() / "journal");
  const auto journal = Journal::open(settings, {});
  append_all(*journal, 0, 20);
  disk.fill_but(0);
  std::uint64_t sequence = 0;
  const auto boundary = [&] { return JournalBoundary{sequence, {sequence + 1}, 1, 1}; };
  const auto code = code_of([&] {
    for (; sequence < 20; ++sequence) {
      journal->append(boundary());
      journal->append(delivery_of(20 + sequence));
    }
  });
  BOOST_TEST((code == ExitCode::no_space));
  disk.make_room();
  const auto before = boundaries_of(*journal).size();
  for (sequence = before; sequence < 20; ++sequence) journal->append(boundary());
  BOOST_TEST(boundaries_of(*journal).size() == 20u);
}

BOOST_AUTO_TEST_CASE(a_delivery_that_found_no_room_is_no_redelivery_when_it_comes_again) {
  const SmallDisk disk;
  if (!disk.is_there()) return;
  auto settings = small_journal(disk.path() / "journal");
  settings.segment_bytes = 100'000;
  const auto journal = Journal::open(settings, {});
  disk.fill_but(0);
  std::uint64_t kept = 0;
  const auto code = code_of([&] {
    for (;; ++kept) journal->append(delivery_of(kept));
  });
  BOOST_TEST((code == ExitCode::no_space));
  disk.make_room();
  auto again = delivery_of(kept);
  again.is_duplicate = true;
  BOOST_TEST((journal->append(again) == Appended::kept));
  BOOST_TEST((journal->append(again) == Appended::redelivery));
}

BOOST_AUTO_TEST_CASE(a_full_disk_keeps_no_journal_closed_that_has_committed_segments) {
  const LogLines log;
  const SmallDisk disk;
  if (!disk.is_there()) return;
  auto settings = small_journal(disk.path() / "journal");
  settings.segment_bytes = 60'000;
  std::uint64_t kept = 0;
  auto left = settings;
  {
    const auto journal = Journal::open(settings, {});
    for (; journal->bytes() < 200'000; ++kept) append_all(*journal, kept, kept + 1);
    left = killed(settings, disk.path() / "left");
    disk.fill_but(0);
  }
  BOOST_TEST((code_of([&] { Journal::open(left, {}); }) == ExitCode::no_space));
  const auto journal = Journal::open(left, {kept - 20});
  BOOST_TEST(journal->findings().empty());
  BOOST_TEST(payloads_of(*journal, {kept - 20}) == deliveries_of(kept - 20, kept),
             boost::test_tools::per_element());
}
