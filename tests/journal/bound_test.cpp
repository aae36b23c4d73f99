// SPDX-License-Identifier: Apache-2.0
// The journal stays within its bound, says when it is nearly there, and shrinks when the sink commits.
#include <boost/test/unit_test.hpp>

#include "journal/fixture.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// Appends until the journal is full; how many went in.
std::uint64_t fill(Journal& journal, std::size_t payload_bytes) {
  auto delivery = delivery_of(0);
  delivery.payload.assign(payload_bytes, 'x');
  std::uint64_t count = 0;
  while (journal.append(delivery) == Appended::kept) ++count;
  return count;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_full_journal_takes_nothing_more_and_has_passed_its_high_mark, TemporaryFolder) {
  for (const std::size_t payload_bytes : {0, 1, 100, 5000, 100'000}) {
    BOOST_TEST_INFO_SCOPE(payload_bytes);
    const auto settings = small_journal(path() / std::to_string(payload_bytes));
    const auto journal = Journal::open(settings, {});
    BOOST_TEST(journal->is_below_low_mark());
    const auto kept = fill(*journal, payload_bytes);
    BOOST_TEST(kept > 0u);
    BOOST_TEST(journal->is_above_high_mark());
    BOOST_TEST(!journal->is_below_low_mark());
    BOOST_TEST(payloads_of(*journal).size() == kept);
    for (std::uint64_t sequence = 0; sequence < kept; ++sequence)
      journal->append(JournalBoundary{sequence, {sequence + 1}, 1, 1});
    journal->begin_session();
    BOOST_TEST(boundaries_of(*journal).size() == kept);
    BOOST_TEST(bytes_on_disk(settings.folder) <= settings.max_bytes);
    BOOST_TEST(bytes_on_disk(settings.folder) == journal->bytes());
    journal->trim(journal->end());
    BOOST_TEST(journal->is_below_low_mark());
    BOOST_TEST(bytes_on_disk(settings.folder) == journal->bytes());
    BOOST_TEST(fill(*journal, payload_bytes) > 0u);
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_committed_makes_room_for_a_large_payload_below_the_low_mark_too,
                        TemporaryFolder) {
  const auto settings = small_journal(path());
  const auto journal = Journal::open(settings, {});
  auto delivery = delivery_of(0);
  delivery.payload.assign(settings.max_bytes * 2 / 5, 'x');
  BOOST_REQUIRE((journal->append(delivery) == Appended::kept));
  journal->trim(journal->end());
  BOOST_TEST(journal->is_below_low_mark());
  delivery.payload.assign(settings.max_bytes * 4 / 5, 'y');
  BOOST_TEST((journal->append(delivery) == Appended::kept));
  BOOST_TEST(bytes_on_disk(settings.folder) <= settings.max_bytes);
  BOOST_TEST((journal->append(delivery) == Appended::full));
}

BOOST_FIXTURE_TEST_CASE(a_journal_opened_again_remembers_what_boundaries_will_take, TemporaryFolder) {
  const auto settings = small_journal(path());
  const auto kept = fill(*Journal::open(settings, {}), 1);
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(fill(*journal, 1) == 0u);
  BOOST_TEST(journal->is_above_high_mark());
  journal->append(JournalBoundary{0, {kept}, kept, kept});
  BOOST_TEST(fill(*journal, 1) > 0u);
}

BOOST_FIXTURE_TEST_CASE(several_deliveries_that_do_not_fit_are_all_left_out, TemporaryFolder) {
  const auto journal = Journal::open(small_journal(path()), {});
  fill(*journal, 1000);
  const auto before = journal->end();
  const auto own = deliveries_of(0, 20);
  const std::vector<Delivery> group(own.begin(), own.end());
  BOOST_TEST((journal->append(group) == std::vector(20, Appended::full)));
  BOOST_TEST((journal->end() == before));
}

BOOST_FIXTURE_TEST_CASE(a_payload_that_can_never_fit_is_an_error, TemporaryFolder) {
  const auto settings = small_journal(path());
  const auto journal = Journal::open(settings, {});
  auto delivery = delivery_of(0);
  delivery.payload.assign(settings.max_bytes, 'x');
  BOOST_CHECK_EXCEPTION(journal->append(delivery), Error, [](const Error& error) {
    return std::string(error.what()).find("raise journal_max_bytes") != std::string::npos;
  });
  append_all(*journal, 0, 1);
}

BOOST_FIXTURE_TEST_CASE(a_bound_too_small_for_the_window_is_refused, TemporaryFolder) {
  auto settings = small_journal(path(), 65535);
  BOOST_CHECK_EXCEPTION(Journal::open(settings, {}), Error,
                        [](const Error& error) { return error.code() == ExitCode::project_refused; });
  settings.max_bytes = 65535 * 192 + 1024;
  append_all(*Journal::open(settings, {}), 0, 1);
}

BOOST_FIXTURE_TEST_CASE(trimming_removes_what_was_committed_and_nothing_else, TemporaryFolder) {
  const auto settings = small_journal(path());
  const auto journal = Journal::open(settings, {});
  append_all(*journal, 0, 1000);
  for (std::uint64_t committed = 0; committed <= 1000; ++committed) {
    journal->trim({committed});
    BOOST_REQUIRE(journal->begin().payload <= committed);
    if (committed % 50 != 0) continue;
    journal->trim({committed / 2});
    BOOST_TEST(payloads_of(*journal, {committed}) == deliveries_of(committed, 1000),
               boost::test_tools::per_element());
  }
  BOOST_TEST(files_of(path()).size() == 1u);
  append_all(*journal, 1000, 1001);
}

BOOST_FIXTURE_TEST_CASE(opening_trims_what_the_commit_says, TemporaryFolder) {
  const auto settings = small_journal(path());
  append_all(*Journal::open(settings, {}), 0, 1000);
  const auto journal = Journal::open(settings, {900});
  BOOST_TEST(journal->begin().payload > 800u);
  BOOST_TEST(payloads_of(*journal, {900}) == deliveries_of(900, 1000), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_reader_goes_on_where_the_file_behind_it_was_removed, TemporaryFolder) {
  const auto settings = small_journal(path());
  const auto journal = Journal::open(settings, {});
  const auto reader = journal->read({});
  JournalPayload payload;
  for (std::uint64_t number = 0; number < 500; ++number) {
    append_all(*journal, number, number + 1);
    BOOST_REQUIRE(reader->next(payload));
    BOOST_TEST(own(payload.delivery) == delivery_of(number));
    journal->trim(payload.behind);
  }
}
