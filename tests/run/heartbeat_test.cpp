// SPDX-License-Identifier: Apache-2.0
#include "run/heartbeat.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <string>

#include "millrace/base/error.hpp"

using namespace millrace;

namespace {

class FakeClock : public Clock {
 public:
  double now_s() const override { return now; }
  double unix_s() const override { return now; }
  double now = 1000;
};

// Rank 0 and two workers, all on the clock of the test.
struct ThreeRanks {
  std::vector<std::unique_ptr<Transport>> inner = make_loopback_transports(3);
  FakeClock clock;
  HeartbeatTransport feeder{*inner[0], clock}, worker{*inner[1], clock}, other{*inner[2], clock};

  void watch(double timeout_s) {
    for (auto* rank : {&feeder, &worker, &other}) rank->watch(timeout_s);
  }

  // Steps of a hundredth of a second in which `ranks` turn their loops.
  void pass(double seconds, const std::vector<HeartbeatTransport*>& ranks) {
    for (const auto until = clock.now + seconds; clock.now < until; clock.now += 0.01)
      for (auto* rank : ranks) rank->receive();
  }

  // How many packets wait at a rank, behind its heartbeats' back.
  std::size_t waiting(int rank) {
    std::size_t count = 0;
    while (inner[static_cast<std::size_t>(rank)]->receive()) ++count;
    return count;
  }
};

bool is_rank_1_lost(const Error& error) {
  const std::string text = error.what();
  return error.code() == ExitCode::rank_lost && text.starts_with("rank 1 on ") &&
         text.find(" is lost") != text.npos;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(ranks_with_nothing_to_say_keep_each_other_alive, ThreeRanks) {
  watch(2);
  BOOST_CHECK_NO_THROW(pass(100, {&feeder, &worker, &other}));
}

BOOST_FIXTURE_TEST_CASE(a_silent_worker_is_lost_when_the_time_out_is_up_and_not_before, ThreeRanks) {
  watch(2);
  pass(5, {&feeder, &worker, &other});
  BOOST_CHECK_NO_THROW(pass(1.7, {&feeder, &other}));
  BOOST_CHECK_EXCEPTION(pass(0.4, {&feeder, &other}), Error, is_rank_1_lost);
}

BOOST_FIXTURE_TEST_CASE(a_worker_leaves_a_silent_rank_0_after_more_patience, ThreeRanks) {
  watch(2);
  pass(5, {&feeder, &worker, &other});
  BOOST_CHECK_NO_THROW(pass(2 * HeartbeatTransport::workers_patience - 0.3, {&worker, &other}));
  BOOST_CHECK_THROW(pass(0.4, {&worker}), Error);
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_was_never_heard_of_is_lost_too, ThreeRanks) {
  watch(2);
  BOOST_CHECK_THROW(pass(2.1, {&feeder, &other}), Error);
}

BOOST_FIXTURE_TEST_CASE(other_packets_are_signs_of_life_and_spare_the_heartbeats, ThreeRanks) {
  watch(2);
  pass(1, {&feeder, &worker, &other});
  waiting(1);
  std::size_t arrived = 0;
  for (int step = 0; step < 1000; ++step, clock.now += 0.2) {
    worker.send(0, Tag::result, {});
    feeder.send(1, Tag::message, {});
    other.receive();
    BOOST_REQUIRE(feeder.receive());
    BOOST_REQUIRE(!feeder.receive());
    arrived += waiting(1);
  }
  BOOST_TEST(arrived == 1000u);
}

BOOST_FIXTURE_TEST_CASE(heartbeats_are_few_and_never_reach_the_caller, ThreeRanks) {
  watch(8);
  for (int step = 0; step < 300; ++step, clock.now += 0.1) worker.receive();
  const auto sent = waiting(0);
  BOOST_TEST(sent >= 28u);
  BOOST_TEST(sent <= 31u);
  other.receive();
  BOOST_CHECK(!feeder.receive());
}

BOOST_FIXTURE_TEST_CASE(a_rank_0_that_was_stopped_hears_first_and_judges_then, ThreeRanks) {
  watch(2);
  pass(5, {&feeder, &worker, &other});
  BOOST_REQUIRE(!feeder.receive());  // nothing waits for it
  clock.now += 3600;                 // the whole job was stopped, and rank 0 is the first to go on
  BOOST_CHECK_NO_THROW(pass(1, {&feeder}));
  BOOST_CHECK_NO_THROW(pass(5, {&feeder, &worker, &other}));
  BOOST_CHECK_EXCEPTION(pass(2.1, {&feeder, &other}), Error, is_rank_1_lost);
}

BOOST_FIXTURE_TEST_CASE(whoever_waits_behind_other_packets_is_not_lost, ThreeRanks) {
  watch(2);
  pass(1, {&feeder, &worker, &other});
  for (int i = 0; i < 100; ++i) other.send(0, Tag::result, {});
  worker.send(0, Tag::result, {});
  for (int turn = 0; turn < 101; ++turn, clock.now += 0.4) BOOST_REQUIRE(feeder.receive());
}

BOOST_FIXTURE_TEST_CASE(a_time_out_of_0_sends_nothing_and_loses_nobody, ThreeRanks) {
  watch(0);
  BOOST_CHECK_NO_THROW(pass(1000, {&feeder}));
  BOOST_TEST(waiting(1) == 0u);
  bool done = false;
  feeder.beat_during([&] { done = true; });
  BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(heartbeats_go_on_during_a_long_step_whose_failure_comes_back) {
  const auto inner = make_loopback_transports(2);
  HeartbeatTransport feeder(*inner[0]);
  feeder.watch(0.4);
  int heard = 0;
  const auto step = [&] {
    while (heard < 5) heard += inner[1]->receive() ? 1 : 0;
    throw std::runtime_error("the step failed");
  };
  BOOST_CHECK_THROW(feeder.beat_during(step), std::runtime_error);
  BOOST_TEST(heard == 5);
}
