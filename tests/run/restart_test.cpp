// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/restart.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace millrace;

BOOST_AUTO_TEST_CASE(only_what_died_is_started_again) {
  for (const int code : {1, 5, 6}) BOOST_TEST(may_be_restarted(static_cast<ExitCode>(code)), "code " << code);
  for (const int code : {0, 2, 3, 4, 7, 8, 75})
    BOOST_TEST(!may_be_restarted(static_cast<ExitCode>(code)), "code " << code);
}

BOOST_AUTO_TEST_CASE(the_wait_doubles_from_a_second_to_a_minute) {
  RestartPlan plan({.most = 100, .window_s = 1e9}, 1);
  double expected_s = 1;
  for (int restart = 0; restart < 20; ++restart, expected_s = std::min(2 * expected_s, 60.0)) {
    const auto wait_s = plan.next(0).value();
    BOOST_TEST(wait_s >= 0.75 * expected_s);
    BOOST_TEST(wait_s <= 1.25 * expected_s);
  }
}

BOOST_AUTO_TEST_CASE(runs_that_died_together_come_back_at_different_moments) {
  std::set<double> waits;
  for (std::uint32_t seed = 0; seed < 100; ++seed) waits.insert(RestartPlan({}, seed).next(0).value());
  BOOST_TEST(waits.size() == 100u);
}

BOOST_AUTO_TEST_CASE(restarts_are_bounded_within_the_window_and_forgotten_behind_it) {
  RestartPlan plan({.most = 2, .window_s = 100}, 1);
  BOOST_TEST(plan.next(0).has_value());
  BOOST_TEST(plan.next(50).has_value());
  BOOST_TEST(plan.restarts() == 2u);
  BOOST_TEST(!plan.next(99).has_value());
  const auto after_the_first_is_forgotten = plan.next(100);
  BOOST_REQUIRE(after_the_first_is_forgotten.has_value());
  BOOST_TEST(*after_the_first_is_forgotten >= 1.5);
  BOOST_TEST(*plan.next(1000) <= 1.25);
}

BOOST_AUTO_TEST_CASE(a_bound_of_none_restarts_nothing) {
  BOOST_TEST(!RestartPlan({.most = 0}, 1).next(0).has_value());
}
