// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/step.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

using namespace millrace;

namespace {

// How a process ends that reaches "write", "rename", "write" in this environment.
int status_of_child(const char* stop_at) {
  const auto child = ::fork();
  if (child == 0) {
    if (stop_at != nullptr) ::setenv("MILLRACE_STOP_AT", stop_at, 1);
    for (const auto* step : {"write", "rename", "write"}) reach_step(step);
    ::_exit(is_to_stop_at_a_step() ? 7 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool is_killed(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_process_is_killed_where_it_reaches_the_step_that_is_named_and_nowhere_else) {
  BOOST_TEST(status_of_child(nullptr) == 0);
  BOOST_TEST(is_killed(status_of_child("rename")));
  BOOST_TEST(is_killed(status_of_child("write:2")));
  BOOST_TEST(WEXITSTATUS(status_of_child("write:3")) == 7);
  BOOST_TEST(WEXITSTATUS(status_of_child("sync")) == 7);
}
