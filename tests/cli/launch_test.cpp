// SPDX-License-Identifier: Apache-2.0
#include "cli/launch.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <string>

#include "millrace/base/clock.hpp"

using namespace millrace;
using namespace millrace::cli;

BOOST_AUTO_TEST_CASE(the_code_of_a_child_is_the_end_of_the_run) {
  BOOST_TEST(static_cast<int>(run_child({"sh", "-c", "exit 5"}).code) == 5);
}

BOOST_AUTO_TEST_CASE(a_child_that_a_signal_killed_is_a_lost_rank_and_the_signal_is_named) {
  const auto end = run_child({"sh", "-c", "kill -9 $$"});
  BOOST_TEST((end.code == ExitCode::rank_lost));
  BOOST_TEST(end.reason == "it was killed by signal 9");
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_an_error_that_says_where_to_look) {
  BOOST_CHECK_EXCEPTION(run_child({"/no/such/mpirun"}), Error, [](const Error& error) {
    return std::string(error.what()).find("is it installed and on the PATH?") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(a_launcher_with_a_rank_that_lives_is_waited_for) {
  const auto end = run_child({"sh", "-c", "true & sleep 10 & exec sleep 10"});
  BOOST_TEST((end.code == ExitCode::done));
}

BOOST_AUTO_TEST_CASE(a_launcher_that_is_stopped_is_waited_for) {
  const auto end =
      run_child({"sh", "-c", "setsid -f sh -c \"sleep 11; kill -CONT $$\"; true & kill -STOP $$; wait"});
  BOOST_TEST((end.code == ExitCode::done));
}

// The shell becomes a program that waits for no child.
BOOST_AUTO_TEST_CASE(a_launcher_that_does_not_notice_that_its_ranks_have_ended_is_a_lost_rank) {
  const auto begin_s = system_clock().now_s();
  const auto end = run_child({"sh", "-c", "true & exec sleep 60"});
  BOOST_TEST((end.code == ExitCode::rank_lost));
  BOOST_TEST(system_clock().now_s() - begin_s < 20);
}

// Last, since a request to stop holds for the rest of the process.
BOOST_AUTO_TEST_CASE(a_stop_that_comes_between_two_children_stops_the_second) {
  run_child({"true"});
  std::raise(SIGTERM);
  const auto begin_s = system_clock().now_s();
  const auto end = run_child({"sleep", "20"});
  BOOST_TEST((end.code == ExitCode::stopped_early));
  BOOST_TEST(system_clock().now_s() - begin_s < 10);
}
