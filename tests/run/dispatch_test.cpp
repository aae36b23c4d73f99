// SPDX-License-Identifier: Apache-2.0
#include "run/dispatch.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <random>

#include "base/temporary_folder.hpp"
#include "millrace/codec/result_codec.hpp"

using namespace millrace;

namespace {

CutMessage message_of(std::uint64_t sequence, std::size_t bytes = 100) {
  CutMessage message;
  message.sequence = sequence;
  message.block = Bytes(bytes);
  std::memcpy(message.block.data(), &sequence, sizeof sequence);
  return message;
}

// What stands at the head of every result.
Bytes result_of(std::uint64_t sequence, double service_s) {
  Result result;
  result.sequence = sequence;
  result.service_s = service_s;
  Bytes bytes;
  encode_result(result, 1, bytes);
  return bytes;
}

struct TwoWorkers {
  std::vector<std::unique_ptr<Transport>> ranks = make_loopback_transports(3);
  Dispatch dispatch{*ranks[0], 0};

  // What has reached a worker is its own result.
  std::optional<Packet> answer(int rank) {
    auto packet = ranks[static_cast<std::size_t>(rank)]->receive();
    if (packet) packet->from = rank;
    return packet;
  }

  // Fills the workers again, once the first has taken so long.
  void fill_after_a_result_of(double service_s, std::size_t bytes = 100) {
    std::uint64_t sent = 0;
    while (dispatch.can_send()) dispatch.send(message_of(sent++));
    dispatch.accept({2, Tag::result, result_of(0, service_s)});
    dispatch.send(message_of(sent++, bytes));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(no_more_messages_are_in_flight_than_credits_allow, TwoWorkers) {
  std::uint64_t sent = 0;
  while (dispatch.can_send()) dispatch.send(message_of(sent++));
  BOOST_TEST(sent == 2 * Dispatch::credits(1));
  auto result = answer(1);
  dispatch.accept(std::move(*result));
  BOOST_TEST(dispatch.can_send());
}

BOOST_FIXTURE_TEST_CASE(results_come_out_in_sequence_order_whatever_the_order_of_the_workers, TwoWorkers) {
  std::mt19937 random(1);
  std::uint64_t sent = 0, written = 0;
  while (written < 500) {
    while (sent < 500 && dispatch.can_send()) {
      Bundle bundle;
      for (auto size = 1 + random() % 3; size > 0; --size)
        bundle.add(message_of(sent++, 16 + random() % 100));
      dispatch.send(std::move(bundle));
    }
    if (auto result = answer(1 + static_cast<int>(random() % 2))) dispatch.accept(std::move(*result));
    while (auto job = dispatch.next_in_order()) {
      if (random() % 3 == 0) {
        dispatch.put_back(std::move(*job));
        break;
      }
      for (const auto& message : job->bundle.messages()) BOOST_REQUIRE(message.sequence == written++);
    }
  }
  BOOST_TEST(dispatch.is_empty());
}

BOOST_FIXTURE_TEST_CASE(a_worker_may_answer_in_any_order, TwoWorkers) {
  std::uint64_t sent = 0;
  while (dispatch.can_send()) dispatch.send(message_of(sent++));
  std::vector<Packet> results;
  for (const int worker : {1, 2})
    while (auto result = answer(worker)) results.push_back(std::move(*result));
  std::shuffle(results.begin(), results.end(), std::mt19937(2));
  for (auto& result : results) dispatch.accept(std::move(result));
  for (std::uint64_t next = 0; next < sent; ++next)
    BOOST_TEST(dispatch.next_in_order()->bundle.messages().front().sequence == next);
  BOOST_TEST(dispatch.is_empty());
}

BOOST_FIXTURE_TEST_CASE(a_result_that_nobody_asked_for_is_refused, TwoWorkers) {
  dispatch.send(message_of(0));
  auto result = answer(2);
  BOOST_REQUIRE(result.has_value());
  auto again = *result;
  dispatch.accept(std::move(*result));
  BOOST_CHECK_THROW(dispatch.accept(std::move(again)), std::logic_error);
}

BOOST_FIXTURE_TEST_CASE(each_thread_of_a_worker_adds_two_messages_to_those_in_flight, TwoWorkers) {
  Dispatch of_three_threads(*ranks[0], 0, {.threads = 3});
  std::uint64_t sent = 0;
  while (of_three_threads.can_send()) of_three_threads.send(message_of(sent++));
  BOOST_TEST(sent == 2 * (Dispatch::credits(1) + 4));
}

BOOST_FIXTURE_TEST_CASE(rank_0_has_time_only_while_each_worker_has_all_it_may_have, TwoWorkers) {
  BOOST_TEST(!dispatch.has_time());
  fill_after_a_result_of(1e-3);
  BOOST_TEST(!dispatch.can_send());
  BOOST_TEST(dispatch.has_time());
  BOOST_TEST(!dispatch.has_time(Dispatch::most_held_bytes));
  dispatch.accept({1, Tag::result, result_of(1, 1e-3)});
  BOOST_TEST(!dispatch.has_time());
}

BOOST_FIXTURE_TEST_CASE(rank_0_has_no_time_before_it_knows_how_long_a_message_takes, TwoWorkers) {
  std::uint64_t sent = 0;
  while (dispatch.can_send()) dispatch.send(message_of(sent++));
  BOOST_TEST(!dispatch.has_time());
}

BOOST_FIXTURE_TEST_CASE(rank_0_has_no_time_for_messages_that_take_long, TwoWorkers) {
  fill_after_a_result_of(1);
  BOOST_TEST(!dispatch.has_time());
}

BOOST_FIXTURE_TEST_CASE(rank_0_reckons_that_threads_may_have_shared_what_it_would_do_alone, TwoWorkers) {
  Dispatch of_three_threads(*ranks[0], 0, {.threads = 3});
  std::uint64_t sent = 0;
  const auto fill_after = [&](double service_s) {
    while (of_three_threads.can_send()) of_three_threads.send(message_of(sent++));
    auto packet = answer(1);
    BOOST_REQUIRE(packet.has_value());
    packet->bytes = result_of(decode_head(packet->bytes).sequence, service_s);
    of_three_threads.accept(std::move(*packet));
    of_three_threads.send(message_of(sent++));
  };
  fill_after(0.3 * Dispatch::longest_own_s);
  BOOST_TEST(of_three_threads.has_time());
  fill_after(0.4 * Dispatch::longest_own_s);
  BOOST_TEST(!of_three_threads.has_time());
  fill_after(Dispatch::bundle_s / 3.5);
  BOOST_TEST(!of_three_threads.takes_more(message_of(sent)));
  fill_after(Dispatch::bundle_s / 6.5);
  BOOST_TEST(of_three_threads.takes_more(message_of(sent)));
}

BOOST_FIXTURE_TEST_CASE(rank_0_has_no_time_for_large_messages, TwoWorkers) {
  fill_after_a_result_of(1e-3, Dispatch::most_own_bytes + 1);
  BOOST_TEST(!dispatch.has_time());
}

BOOST_FIXTURE_TEST_CASE(what_rank_0_computed_itself_waits_for_its_turn_and_counts_as_held, TwoWorkers) {
  dispatch.send(message_of(0));
  Bundle own(message_of(1, Dispatch::most_held_bytes));
  own.take_blocks();
  dispatch.take_own(std::move(own), result_of(1, 1e-3));
  BOOST_TEST(!dispatch.next_in_order());
  BOOST_TEST(dispatch.can_send());  // only its result is held
  dispatch.take_own(message_of(2), result_of(2, 1e-3));
  auto first = answer(2);
  BOOST_REQUIRE(first.has_value());
  dispatch.accept(std::move(*first));
  for (std::uint64_t next = 0; next < 3; ++next)
    BOOST_TEST(dispatch.next_in_order()->bundle.messages().front().sequence == next);
  BOOST_TEST(dispatch.is_empty());
}

BOOST_FIXTURE_TEST_CASE(messages_travel_together_as_long_as_they_are_short_and_small, TwoWorkers) {
  const auto most_of = [&](double service_s, std::size_t bytes) {
    fill_after_a_result_of(service_s);
    Bundle bundle;
    std::uint64_t sequence = 1000;
    while (dispatch.takes_more(bundle)) bundle.add(message_of(sequence++, bytes));
    return bundle.messages().size();
  };
  Bundle first;
  BOOST_TEST(dispatch.takes_more(first));
  first.add(message_of(0));
  BOOST_TEST(!dispatch.takes_more(first));  // nobody knows yet how long one takes
  BOOST_TEST(most_of(Dispatch::bundle_s / 10.5, 16) == 10u);
}

BOOST_FIXTURE_TEST_CASE(a_bundle_ends_with_the_message_that_reaches_its_bytes, TwoWorkers) {
  fill_after_a_result_of(1e-9);
  Bundle bundle;
  std::uint64_t sequence = 1000;
  while (dispatch.takes_more(bundle)) bundle.add(message_of(sequence++, Dispatch::bundle_bytes / 4));
  BOOST_TEST(bundle.messages().size() == 4u);
}

BOOST_FIXTURE_TEST_CASE(bundles_come_out_in_order_and_count_as_the_messages_they_are, TwoWorkers) {
  std::uint64_t sequence = 0;
  for (const int size : {3, 1, 2}) {
    Bundle bundle;
    for (int message = 0; message < size; ++message) bundle.add(message_of(sequence++));
    dispatch.send(std::move(bundle));
  }
  BOOST_TEST(dispatch.in_flight() == 6u);
  std::vector<Packet> results;
  for (const int worker : {1, 2})
    while (auto result = answer(worker)) results.push_back(std::move(*result));
  BOOST_TEST_REQUIRE(results.size() == 3u);
  for (auto& result : results) dispatch.accept(std::move(result));
  BOOST_TEST(dispatch.in_flight() == 0u);
  BOOST_TEST(dispatch.waiting() == 6u);
  std::uint64_t next = 0;
  while (auto job = dispatch.next_in_order())
    for (const auto& message : job->bundle.messages()) BOOST_TEST(message.sequence == next++);
  BOOST_TEST(next == 6u);
  BOOST_TEST(dispatch.is_empty());
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_lags_stops_the_others_at_the_window, TwoWorkers) {
  std::uint64_t sent = 0;
  for (int round = 0; round < 1000; ++round) {
    while (dispatch.can_send()) dispatch.send(message_of(sent++));
    if (auto result = answer(2)) dispatch.accept(std::move(*result));
    BOOST_REQUIRE(dispatch.in_flight() + dispatch.waiting() <= 8 * Dispatch::credits(1));
  }
  BOOST_TEST(sent == 8 * Dispatch::credits(1));
  BOOST_TEST(!dispatch.can_send());
}

BOOST_FIXTURE_TEST_CASE(large_messages_are_bounded_by_their_bytes, TwoWorkers) {
  dispatch.send(message_of(0, Dispatch::most_held_bytes));
  BOOST_TEST(!dispatch.can_send());
  auto result = answer(2);
  if (!result) result = answer(1);
  result->bytes.resize(16);
  dispatch.accept(std::move(*result));
  BOOST_TEST(dispatch.can_send());
}

BOOST_FIXTURE_TEST_CASE(payloads_that_were_refused_count_until_their_results_are_taken, TwoWorkers) {
  auto message = message_of(0);
  message.refused.push_back({0, "payload: ", std::string(Dispatch::most_held_bytes, 'x')});
  dispatch.send(std::move(message));
  BOOST_TEST(!dispatch.can_send());
  auto result = answer(2);
  BOOST_REQUIRE(result.has_value());
  dispatch.accept(std::move(*result));
  BOOST_TEST(!dispatch.can_send());
  const auto job = dispatch.next_in_order();
  BOOST_REQUIRE(job.has_value());
  BOOST_TEST(dispatch.can_send());
  BOOST_TEST(!dispatch.can_send(job->bytes()));
}

BOOST_FIXTURE_TEST_CASE(only_a_worker_that_can_read_the_input_is_sent_extents, test::TemporaryFolder) {
  const auto file = (path() / "rows").string();
  File::open(file, File::Mode::write_new).write_all("row 1\nrow 2\n");
  const auto ranks = make_loopback_transports(3);
  Dispatch dispatch(*ranks[0], 0, {.parts = {input_part(file)}});
  dispatch.expect_to_read(2);
  for (std::uint64_t sequence = 0; sequence < 2; ++sequence) {
    MessageBuilder builder;
    builder.add_row(Extent{0, 6, 5});
    auto message = message_of(sequence);
    message.block = builder.finish(sequence);
    message.bytes_in_files = 5;
    dispatch.send(std::move(message));
  }
  const auto whole = ranks[1]->receive(), in_files = ranks[2]->receive();
  BOOST_REQUIRE((whole && in_files));
  BOOST_TEST(MessageView(whole->bytes).row(0) == "row 2");
  BOOST_TEST(MessageView(in_files->bytes).extents().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_stays_in_files_counts_until_its_result_is_here, TwoWorkers) {
  for (const int worker : {1, 2}) dispatch.expect_to_read(worker);
  auto message = message_of(0);
  message.bytes_in_files = Dispatch::most_held_bytes;
  dispatch.send(std::move(message));
  BOOST_TEST(!dispatch.can_send());
  auto result = answer(2);
  BOOST_REQUIRE(result.has_value());
  dispatch.accept(std::move(*result));
  BOOST_TEST(dispatch.can_send());
}
