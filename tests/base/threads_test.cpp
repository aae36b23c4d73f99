// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "millrace/base/bounded_queue.hpp"
#include "millrace/base/parallel_blocks.hpp"
#include "millrace/base/priority.hpp"

using namespace millrace;

BOOST_AUTO_TEST_CASE(every_block_is_worked_on_once_with_any_number_of_threads) {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> seen(1000);
    parallel_blocks(seen.size(), threads, [&](std::size_t block) { ++seen[block]; });
    BOOST_TEST(seen == std::vector<int>(1000, 1));
  }
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_block_reaches_the_caller) {
  const auto fail = [](std::size_t block) {
    if (block == 17) throw std::runtime_error("block 17");
  };
  BOOST_CHECK_THROW(parallel_blocks(100, 1, fail), std::runtime_error);
  BOOST_CHECK_THROW(parallel_blocks(100, 3, fail), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(threads_that_are_kept_work_on_every_block_of_many_rounds_once) {
  for (const int threads : {1, 2, 5}) {
    std::vector<int> seen(64);
    with_threads(threads, [&] {
      for (int round = 0; round < 2000; ++round)
        parallel_blocks(seen.size(), threads, [&](std::size_t block) { ++seen[block]; });
    });
    BOOST_TEST(seen == std::vector<int>(64, 2000));
  }
}

BOOST_AUTO_TEST_CASE(threads_that_are_kept_share_the_blocks) {
  std::set<std::thread::id> seen;
  std::mutex mutex;
  with_threads(2, [&] {
    parallel_blocks(2, 2, [&](std::size_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      const std::lock_guard lock(mutex);
      seen.insert(std::this_thread::get_id());
    });
  });
  BOOST_TEST(seen.size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_block_leaves_kept_threads_ready_for_the_next_round) {
  int done = 0;
  with_threads(3, [&] {
    BOOST_CHECK_THROW(parallel_blocks(100, 3, [](std::size_t) { throw std::runtime_error("every block"); }),
                      std::runtime_error);
    std::atomic<int> count = 0;
    parallel_blocks(100, 3, [&](std::size_t) { ++count; });
    done = count;
  });
  BOOST_TEST(done == 100);
  BOOST_CHECK_THROW(with_threads(3, [] { throw std::runtime_error("the body"); }), std::runtime_error);
}

// The test's environment lets OpenMP nest its regions.
BOOST_AUTO_TEST_CASE(blocks_within_a_block_are_worked_on_by_its_thread) {
  std::atomic<int> count = 0, elsewhere = 0;
  const auto outer = [&](std::size_t) {
    const auto thread = std::this_thread::get_id();
    const auto inner = [&](std::size_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      ++count;
      if (std::this_thread::get_id() != thread) ++elsewhere;
    };
    parallel_blocks(5, 2, inner);
    with_threads(2, [&] { parallel_blocks(5, 2, inner); });
  };
  parallel_blocks(4, 2, outer);
  with_threads(2, [&] { parallel_blocks(4, 2, outer); });
  parallel_blocks(1, 2, outer);
  with_threads(2, [&] { parallel_blocks(1, 2, outer); });
  BOOST_TEST(count == 100);
  BOOST_TEST(elsewhere == 0);
}

BOOST_AUTO_TEST_CASE(a_thread_that_gives_way_does_so_with_those_that_it_starts_and_no_other) {
  struct Priority {
    int nice = ::getpriority(PRIO_PROCESS, 0), policy = ::sched_getscheduler(0);
  };
  const Priority before;
  std::optional<Priority> own, of_started;
  std::thread([&] {
    give_way();
    own.emplace();
    std::thread([&] { of_started.emplace(); }).join();
  }).join();
  for (const auto& behind : {*own, *of_started}) {
    BOOST_TEST(behind.nice == std::min(19, before.nice + 10));
    BOOST_TEST(behind.policy == SCHED_IDLE);
  }
  BOOST_TEST(Priority().nice == before.nice);
  BOOST_TEST(Priority().policy == before.policy);
}

BOOST_AUTO_TEST_CASE(the_last_block_of_rows_is_short) {
  BOOST_TEST(block_of_rows(2, 256, 600).begin == 512u);
  BOOST_TEST(block_of_rows(2, 256, 600).end == 600u);
}

BOOST_AUTO_TEST_CASE(a_full_queue_holds_its_producer_back_and_keeps_the_order) {
  BoundedQueue<int> queue(2);
  std::size_t most = 0;
  std::thread producer([&] {
    for (int i = 0; i < 1000; ++i) queue.push(i);
    queue.close();
  });
  int next = 0;
  while (auto value = queue.pop()) {
    most = std::max(most, queue.size());
    BOOST_REQUIRE(*value == next++);
  }
  producer.join();
  BOOST_TEST(next == 1000);
  BOOST_TEST(most <= 2u);
}

BOOST_AUTO_TEST_CASE(a_closed_queue_takes_nothing_and_gives_what_it_holds) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.close();
  int two = 2;
  BOOST_TEST(!queue.push(2));
  BOOST_TEST(!queue.try_push(two));
  BOOST_TEST(!queue.is_drained());
  BOOST_TEST(queue.pop().value() == 1);
  BOOST_TEST(!queue.pop_for(0.01).has_value());
  BOOST_TEST(queue.is_drained());
}
