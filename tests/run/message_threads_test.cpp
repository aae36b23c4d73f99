// SPDX-License-Identifier: Apache-2.0
#include "run/message_threads.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "millrace/codec/result_codec.hpp"
#include "millrace/source/weather_station.hpp"

using namespace millrace;

namespace {

constexpr auto patience = std::chrono::seconds(10);

SetUp set_up_with(int threads) {
  return {WeatherStation({}).schema(), {}, {}, threads};
}

Bytes block_of(std::uint64_t sequence, std::size_t rows = 10) {
  WeatherStation station({.rows = rows});
  MessageBuilder builder;
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    text.clear();
    station.append_row(row, text);
    builder.add_row(std::string_view(text).substr(0, text.size() - 1));
  }
  return builder.finish(sequence);
}

// Results whose threads wait here for one another.
class Meeting {
 public:
  // False if nobody else comes.
  bool wait_for_another() {
    std::unique_lock lock(mutex_);
    const auto pair = arrived_++ / 2;
    changed_.notify_all();
    return changed_.wait_for(lock, patience, [&] { return arrived_ >= 2 * (pair + 1); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(each_thread_takes_a_message_of_its_own_while_more_than_one_waits) {
  BoundedQueue<Bytes> messages(10);
  Meeting meeting;
  std::atomic<int> met = 0;
  MessageThreads threads(set_up_with(2), 1, messages, [&](Bytes) { met += meeting.wait_for_another(); });
  for (std::uint64_t sequence = 0; sequence < 4; ++sequence) messages.push(block_of(sequence));
  messages.close();
  threads.run();
  BOOST_TEST(met == 4);
  BOOST_TEST(threads.messages() == 4u);
}

BOOST_AUTO_TEST_CASE(a_thread_that_found_no_message_comes_back_when_messages_wait_again) {
  BoundedQueue<Bytes> messages(10);
  Meeting meeting;
  std::atomic<int> met = 0;
  MessageThreads threads(set_up_with(2), 1, messages, [&](Bytes result) {
    const auto sequence = decode_head(result).sequence;
    if (sequence == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));  // the other finds none meanwhile
      for (const std::uint64_t later : {2u, 3u}) messages.push(block_of(later));
      messages.close();
    }
    if (sequence > 1) met += meeting.wait_for_another();
  });
  for (const std::uint64_t first : {0u, 1u}) messages.push(block_of(first));
  threads.run();
  BOOST_TEST(met == 2);
}

BOOST_AUTO_TEST_CASE(a_message_that_no_other_waits_behind_keeps_all_threads_busy) {
  BoundedQueue<Bytes> messages(10);
  double service_s = 0;
  const auto schema = set_up_with(1).input;
  MessageThreads threads(set_up_with(3), 1, messages,
                         [&](Bytes result) { service_s = decode_result(result, schema).service_s; });
  messages.push(block_of(0, 5000));
  messages.close();
  threads.run();
  BOOST_TEST(threads.busy_s() >= service_s);  // it would be a third of it if only one were
}

BOOST_AUTO_TEST_CASE(the_messages_of_a_bundle_give_the_results_that_each_gives_alone) {
  const auto results_of = [](const std::vector<Bytes>& bundles) {
    BoundedQueue<Bytes> messages(10);
    std::map<std::uint64_t, Frame> results;
    const auto schema = set_up_with(1).input;
    MessageThreads threads(set_up_with(1), 1, messages, [&](Bytes bytes) {
      Result result;
      for (std::span<const std::byte> left = bytes; !left.empty();) {
        left = decode_next_result(left, schema, result);
        results[result.sequence] = result.frame;
      }
    });
    for (const auto& bundle : bundles) messages.push(bundle);
    messages.close();
    threads.run();
    BOOST_TEST(threads.messages() == 3u);
    return results;
  };
  const std::vector<Bytes> alone{block_of(0, 1), block_of(1, 20), block_of(2, 3)};
  Bytes bundle;
  for (const auto& block : alone) bundle.insert(bundle.end(), block.begin(), block.end());
  const auto expected = results_of(alone), together = results_of({bundle});
  BOOST_TEST_REQUIRE(together.size() == 3u);
  for (const auto& [sequence, frame] : expected) BOOST_TEST(equal(together.at(sequence), frame));
}

BOOST_AUTO_TEST_CASE(a_message_that_throws_ends_the_work_and_those_that_wait_are_not_begun) {
  for (const int count : {1, 2}) {
    BoundedQueue<Bytes> messages(2000);
    std::atomic<int> results = 0;
    MessageThreads threads(set_up_with(count), 1, messages, [&](Bytes) { ++results; });
    messages.push(Bytes(40, std::byte{0xff}));
    for (std::uint64_t sequence = 1; sequence < 2000; ++sequence) messages.push(block_of(sequence));
    BOOST_CHECK_THROW(threads.run(), std::out_of_range);
    BOOST_TEST(results < 1999);
    BOOST_TEST(messages.is_drained());
  }
}
