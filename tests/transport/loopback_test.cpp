// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>
#include <exception>
#include <thread>

#include "transport/contract.hpp"

namespace {

using namespace millrace;

template <class Check>
void on_ranks(int size, Check check) {
  auto transports = make_loopback_transports(size);
  std::vector<std::exception_ptr> failures(transports.size());
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < transports.size(); ++rank)
    threads.emplace_back([&, rank] {
      try {
        check(*transports[rank]);
      } catch (...) {
        failures[rank] = std::current_exception();
      }
    });
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_loopback_keeps_the_contract_with_any_number_of_ranks) {
  for (const int size : {1, 2, 3, 7}) {
    BOOST_TEST_CONTEXT(size << " ranks") {
      BOOST_CHECK_NO_THROW(on_ranks(size, test::packets_between_two_ranks_arrive_in_order_and_whole));
      BOOST_CHECK_NO_THROW(on_ranks(size, test::a_packet_that_a_rank_sends_to_itself_arrives));
      BOOST_CHECK_NO_THROW(on_ranks(size, test::large_and_empty_packets_arrive));
      BOOST_CHECK_NO_THROW(on_ranks(size, test::a_wake_ends_an_idle_sleep));
    }
  }
}
