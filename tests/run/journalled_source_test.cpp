// SPDX-License-Identifier: Apache-2.0
#include "run/journalled_source.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "millrace/base/error.hpp"
#include "run/scripted_live.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

JournalSettings journal_that_is_full_at(std::string_view full, const TemporaryFolder& folder) {
  auto settings = journal_in(folder);
  settings.on_step = [full](std::string_view step) {
    if (step == full) throw Error(ExitCode::no_space, "the disk is full");
  };
  return settings;
}

bool is_no_space(const Error& error) {
  return error.code() == ExitCode::no_space;
}

// As the client's thread would, which then never returns.
std::shared_ptr<std::atomic<bool>> deliver_on_a_thread(const Life& life) {
  auto is_acknowledged = std::make_shared<std::atomic<bool>>(false);
  std::thread([is_acknowledged, live = life.live] {
    live->deliver("{}");
    *is_acknowledged = true;
  }).detach();
  return is_acknowledged;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_are_read_in_the_order_of_their_deliveries_and_count_payloads_and_rows) {
  const TemporaryFolder folder;
  Life life(journal_in(folder), PayloadForm::array);
  life.source->open({});
  life.live->deliver("[{\"a\":1},{\"a\":2}]");
  life.live->deliver("[{\"a\":3}]");
  Buffer buffer({.rows = 1}, 0);
  const auto messages = life.messages(buffer);
  BOOST_TEST(texts_of(messages) == (Texts{"{\"a\":1}|{\"a\":2}|", "{\"a\":3}|"}),
             boost::test_tools::per_element());
  BOOST_TEST(messages[1].behind.byte == 2u);
  BOOST_TEST(messages[1].behind.row == 3u);
}

BOOST_AUTO_TEST_CASE(what_was_not_committed_comes_again_in_the_same_messages_whatever_the_limits_are_now) {
  const TemporaryFolder folder;
  const auto settings = journal_in(folder);
  Texts before;
  SourcePosition committed;
  {
    Life life(settings);
    life.source->open({});
    for (int row = 0; row < 10; ++row) life.live->deliver(row_text(row));
    Buffer buffer({.rows = 3}, 0);
    auto messages = life.messages(buffer);
    BOOST_REQUIRE(messages.size() == 3u);
    committed = messages[0].behind;
    messages.erase(messages.begin());
    before = texts_of(messages);
  }
  Life life(settings);
  life.source->open(committed);
  for (int row = 10; row < 15; ++row) life.live->deliver(row_text(row));
  Buffer buffer({.rows = 4}, 1);
  const auto messages = life.messages(buffer);
  const auto after = texts_of(messages);
  BOOST_REQUIRE(after.size() == 3u);
  BOOST_TEST(Texts(after.begin(), after.begin() + 2) == before, boost::test_tools::per_element());
  BOOST_TEST(after[2] == "{\"n\":9}|{\"n\":10}|{\"n\":11}|{\"n\":12}|");
  BOOST_TEST(messages[0].sequence == 1u);
  BOOST_TEST(messages[2].behind.row == 13u);
}

BOOST_AUTO_TEST_CASE(a_recovery_that_dies_again_leaves_the_same_messages_to_the_third_life) {
  const TemporaryFolder folder;
  const auto settings = journal_in(folder);
  Texts texts;
  for (int lives = 0; lives < 3; ++lives) {
    Life life(settings);
    life.source->open(SourcePosition{});
    if (lives == 0)
      for (int row = 0; row < 10; ++row) life.live->deliver(row_text(row));
    Buffer buffer({.rows = static_cast<std::size_t>(5 - lives)}, 0);
    const auto found = texts_of(life.messages(buffer));
    if (lives == 0) texts = found;
    BOOST_TEST(found == texts, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_new_output_takes_what_the_journal_still_holds) {
  const TemporaryFolder folder;
  const auto settings = journal_in(folder);
  {
    Life life(settings);
    life.source->open({});
    for (int row = 0; row < 4; ++row) life.live->deliver(row_text(row));
  }
  Life life(settings);
  life.source->open({});
  Buffer buffer({.rows = 4}, 0);
  BOOST_TEST(life.messages(buffer).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_no_row_is_refused_alone_and_one_without_rows_as_well) {
  const TemporaryFolder folder;
  Life life(journal_in(folder), PayloadForm::array);
  life.source->open({});
  for (const auto* payload : {"[{\"a\":1}]", "[{\"a\":", "[]", "[{\"a\":2}]"}) life.live->deliver(payload);
  Buffer buffer({.rows = 4}, 0);
  const auto messages = life.messages(buffer);
  BOOST_REQUIRE(messages.size() == 1u);
  const auto& refused = messages[0].refused;
  BOOST_REQUIRE(refused.size() == 2u);
  BOOST_TEST(refused[0].row == 1u);
  BOOST_TEST(refused[0].bytes == "[{\"a\":");
  BOOST_TEST(refused[0].is_payload);
  BOOST_TEST(refused[0].topic == "wetter");
  BOOST_TEST(refused[1].reason == "payload: it holds no row");
}

BOOST_AUTO_TEST_CASE(a_packed_payload_is_a_message_as_it_stands) {
  const TemporaryFolder folder;
  Life life(journal_in(folder), PayloadForm::packed);
  life.source->open({});
  const std::vector<std::string_view> two{"{\"a\":1}", "{\"a\":2}"}, one{"{\"a\":3}"};
  life.live->deliver(write_payload(PayloadForm::packed, two));
  life.live->deliver(write_payload(PayloadForm::packed, one));
  Buffer buffer({.rows = 100}, 0);
  BOOST_TEST(texts_of(life.messages(buffer)) == (Texts{"{\"a\":1}|{\"a\":2}|", "{\"a\":3}|"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_full_journal_disconnects_and_comes_back_when_half_is_free_and_loses_nothing) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  life.source->open({});
  constexpr int deliveries = 3000;
  std::atomic<bool> is_all_delivered = false;
  std::thread broker([&] {
    for (int row = 0; row < deliveries; ++row) {
      while (life.live->state != LiveState::receiving) std::this_thread::yield();
      life.live->deliver(row_text(row) + std::string(1000, ' '));
    }
    is_all_delivered = true;
  });
  Buffer buffer({.rows = 1}, 0);
  int rows = 0, pauses = 0;
  for (bool was_paused = false; rows < deliveries;) {
    const bool is_paused = life.source->regulate();
    pauses += is_paused && !was_paused;
    was_paused = is_paused;
    if (!is_paused && !is_all_delivered) continue;
    for (const auto& message : life.messages(buffer)) {
      BOOST_REQUIRE(MessageView(message.block).row(0).starts_with(row_text(rows)));
      ++rows;
      life.source->committed(message.behind);
    }
  }
  broker.join();
  BOOST_TEST(pauses >= 2);
}

BOOST_AUTO_TEST_CASE(a_delivery_that_cannot_be_kept_is_never_acknowledged_and_ends_the_run_with_its_reason) {
  const TemporaryFolder folder;
  Life life(journal_that_is_full_at("append", folder));
  life.source->open({});
  const auto is_acknowledged = deliver_on_a_thread(life);
  const auto fails = [&] {
    std::vector<SourceRow> rows;
    for (;;) life.source->read(1, rows);
  };
  BOOST_CHECK_EXCEPTION(fails(), Error, is_no_space);
  life.source.reset();
  BOOST_TEST(!*is_acknowledged);
}

// Or the client would go on, and leave only when nothing came any more.
BOOST_AUTO_TEST_CASE(nothing_is_acknowledged_once_what_was_kept_cannot_be_read_for_lack_of_room) {
  const TemporaryFolder folder;
  Life life(journal_that_is_full_at("flush", folder));
  life.source->open({});
  life.live->deliver("{}");
  std::vector<SourceRow> rows;
  BOOST_CHECK_EXCEPTION(life.source->read(1, rows), Error, is_no_space);
  const auto is_acknowledged = deliver_on_a_thread(life);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  BOOST_TEST(!*is_acknowledged);
  BOOST_CHECK_EXCEPTION(life.source->read(1, rows), Error, is_no_space);
  life.source.reset();
  BOOST_TEST(!*is_acknowledged);
}

BOOST_AUTO_TEST_CASE(the_input_is_at_its_end_only_once_all_is_read_and_nothing_has_come_for_the_time_given) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  life.source->open({});
  Buffer buffer({.rows = 1}, 0);
  life.live->deliver("{}");
  life.live->last_delivery_s = long_ago_s;
  life.messages(buffer);
  BOOST_TEST(!life.source->finished());
  life.source->end_when_quiet_for(3600);
  life.messages(buffer);
  BOOST_TEST(life.source->finished());
  life.live->last_delivery_s = system_clock().now_s();
  BOOST_TEST(!life.source->finished());
  life.live->last_delivery_s = long_ago_s;
  life.live->state = LiveState::connecting;
  BOOST_TEST(!life.source->finished());
}

BOOST_AUTO_TEST_CASE(a_source_that_was_disconnected_is_given_time_before_its_silence_counts) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  life.source->open({});
  life.source->end_when_quiet_for(3600);
  life.live->last_delivery_s = long_ago_s;
  Buffer buffer({.rows = 1}, 0);
  life.messages(buffer);
  BOOST_TEST(life.source->finished());
  life.live->pause();
  life.source->regulate();
  life.live->resume();
  life.source->regulate();
  BOOST_TEST(!life.source->finished());
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_broker_ends_the_run_once_what_the_journal_holds_is_read) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  life.source->open({});
  life.live->deliver("{}");
  life.live->state = LiveState::refused;
  std::vector<SourceRow> rows;
  life.source->read(1, rows);
  BOOST_TEST(rows.size() == 1u);
  BOOST_CHECK_EXCEPTION(life.source->read(1, rows), Error, [](const Error& error) {
    return error.code() == ExitCode::source_refused && error.what() == std::string("the password is wrong");
  });
}

BOOST_AUTO_TEST_CASE(a_redelivery_is_counted_and_not_read_twice) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  life.source->open({});
  life.live->deliver("{}", 7);
  life.live->deliver("{}", 7, true);
  life.live->deliver("{}", 8);
  Buffer buffer({.rows = 1}, 0);
  BOOST_TEST(life.messages(buffer).size() == 2u);
  BOOST_TEST(life.source->counts().redeliveries == 1u);
}
