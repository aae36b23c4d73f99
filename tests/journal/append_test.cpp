// SPDX-License-Identifier: Apache-2.0
// What is appended comes back, in order, to every reader, and after the journal was opened again.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <thread>

#include "journal/fixture.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;
using namespace millrace::test;

BOOST_FIXTURE_TEST_CASE(everything_of_a_delivery_comes_back, TemporaryFolder) {
  const std::vector<OwnDelivery> all{
      {65535, "", "a", 2, false, true, 1234.5},
      {0, std::string("\0\xff", 2), "", 0, false, false, 0},
      {1, std::string(1 << 20, 'x'), "t/ü", 1, true, false, -1},
      {7, "{}", std::string(65535, 't'), 1, false, false, 1},
  };
  auto settings = small_journal(path() / "new" / "journal");
  settings.max_bytes = 64 << 20;
  {
    const auto journal = Journal::open(settings, {});
    BOOST_TEST(payloads_of(*journal).empty());
    for (const auto& delivery : all) BOOST_TEST((journal->append(delivery) == Appended::kept));
    BOOST_TEST(payloads_of(*journal) == all, boost::test_tools::per_element());
  }
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(journal->findings().empty());
  BOOST_TEST(payloads_of(*journal) == all, boost::test_tools::per_element());
  BOOST_TEST(journal->end().payload == 4u);
}

BOOST_FIXTURE_TEST_CASE(a_reader_begins_at_its_position_and_says_what_lies_behind_each_payload,
                        TemporaryFolder) {
  const auto journal = Journal::open(small_journal(path()), {});
  append_all(*journal, 0, 300);
  BOOST_TEST(files_of(path()).size() > 5u);
  for (const std::uint64_t from : {0, 1, 40, 299, 300}) {
    BOOST_TEST(payloads_of(*journal, {from}) == deliveries_of(from, 300), boost::test_tools::per_element());
    JournalPayload payload;
    const auto reader = journal->read({from});
    for (auto number = from; reader->next(payload); ++number)
      BOOST_TEST(payload.behind.payload == number + 1);
  }
}

BOOST_FIXTURE_TEST_CASE(a_reader_at_the_end_goes_on_when_more_is_appended, TemporaryFolder) {
  const auto journal = Journal::open(small_journal(path()), {});
  const auto reader = journal->read({});
  JournalPayload payload;
  for (std::uint64_t number = 0; number < 200; ++number) {
    BOOST_TEST(!reader->next(payload));
    append_all(*journal, number, number + 1);
    BOOST_REQUIRE(reader->next(payload));
    BOOST_TEST(own(payload.delivery) == delivery_of(number));
  }
}

BOOST_FIXTURE_TEST_CASE(several_deliveries_go_in_together, TemporaryFolder) {
  for (const auto durability : {Durability::process, Durability::power}) {
    auto settings = small_journal(path() / (durability == Durability::power ? "power" : "process"));
    settings.durability = durability;
    int syncs = 0;
    settings.on_step = [&](std::string_view step) { syncs += step == "synced" ? 1 : 0; };
    const auto journal = Journal::open(settings, {});
    const auto group = deliveries_of(0, 100);
    const std::vector<Delivery> views(group.begin(), group.end());
    BOOST_TEST((journal->append(views) == std::vector(100, Appended::kept)));
    BOOST_TEST(syncs == (durability == Durability::power ? 1 : 0));
    BOOST_TEST(journal->append(std::span<const Delivery>()).empty());
    BOOST_TEST(payloads_of(*journal) == group, boost::test_tools::per_element());
  }
}

BOOST_FIXTURE_TEST_CASE(boundaries_come_back_apart_from_payloads, TemporaryFolder) {
  std::vector<JournalBoundary> all;
  const auto settings = small_journal(path());
  {
    const auto journal = Journal::open(settings, {});
    for (std::uint64_t sequence = 0; sequence < 40; ++sequence) {
      append_all(*journal, sequence * 10, sequence * 10 + 10);
      all.push_back({sequence, {sequence * 10 + 7}, sequence == 0 ? 7u : 10u, sequence * 3});
      journal->append(all.back());
    }
    BOOST_TEST(boundaries_of(*journal) == all, boost::test_tools::per_element());
  }
  const auto journal = Journal::open(settings, {});
  BOOST_TEST(boundaries_of(*journal) == all, boost::test_tools::per_element());
  BOOST_TEST(payloads_of(*journal) == deliveries_of(0, 400), boost::test_tools::per_element());
  const std::vector behind(all.begin() + 20, all.end());
  BOOST_TEST(boundaries_of(*journal, {197}) == behind, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(boundaries_that_cannot_be_are_refused, TemporaryFolder) {
  const auto settings = small_journal(path());
  {
    const auto journal = Journal::open(settings, {});
    append_all(*journal, 0, 10);
    BOOST_CHECK_THROW(journal->append(JournalBoundary{0, {11}, 11, 11}), std::logic_error);
    BOOST_CHECK_THROW(journal->append(JournalBoundary{0, {5}, 0, 0}), std::logic_error);
    BOOST_CHECK_THROW(journal->append(JournalBoundary{0, {5}, 6, 6}), std::logic_error);
    journal->append(JournalBoundary{0, {5}, 5, 5});
    BOOST_CHECK_THROW(journal->append(JournalBoundary{1, {8}, 4, 4}), std::logic_error);
    BOOST_CHECK_THROW(journal->trim({11}), std::logic_error);
  }
  const auto journal = Journal::open(settings, {});
  BOOST_CHECK_THROW(journal->append(JournalBoundary{1, {8}, 4, 4}), std::logic_error);
  journal->append(JournalBoundary{1, {8}, 3, 3});
  BOOST_TEST(boundaries_of(*journal).size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_publication_is_refused_and_leaves_nothing_behind, TemporaryFolder) {
  const auto journal = Journal::open(small_journal(path()), {});
  auto delivery = delivery_of(0);
  delivery.topic = std::string(65536, 't');
  const auto before = journal->bytes();
  BOOST_CHECK_THROW(journal->append(delivery), Error);
  BOOST_TEST(journal->bytes() == before);
  append_all(*journal, 0, 1);
}

BOOST_FIXTURE_TEST_CASE(a_second_opening_is_refused_and_names_the_holder, TemporaryFolder) {
  const auto settings = small_journal(path());
  auto journal = Journal::open(settings, {});
  BOOST_CHECK_EXCEPTION(Journal::open(settings, {}), Error, [](const Error& error) {
    const std::string text = error.what();
    return error.code() == ExitCode::project_refused &&
           text.find("process " + std::to_string(::getpid())) != text.npos;
  });
  journal.reset();
  Journal::open(settings, {});
}

BOOST_FIXTURE_TEST_CASE(threads_append_and_read_at_once, TemporaryFolder) {
  constexpr std::uint64_t payloads = 20000;
  auto settings = small_journal(path());
  settings.max_bytes = 64 << 20;
  const auto journal = Journal::open(settings, {});
  std::thread source([&] { append_all(*journal, 0, payloads); });
  const auto reader = journal->read({});
  JournalPayload payload;
  std::uint64_t read = 0, wrong = 0;
  while (read < payloads) {
    if (!reader->next(payload)) continue;
    wrong += own(payload.delivery) == delivery_of(read) ? 0 : 1;
    if (++read % 100 == 0) journal->append(JournalBoundary{read / 100, payload.behind, 100, 100});
    if (read % 1000 == 0) journal->trim(payload.behind);
  }
  source.join();
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(journal->end().payload == payloads);
  BOOST_TEST(files_of(path()).size() < 5u);
}
