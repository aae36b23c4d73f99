// SPDX-License-Identifier: Apache-2.0
// The first rows of a live source, which an inferred schema waits for, and how that ends without any.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <functional>

#include "millrace/base/error.hpp"
#include "millrace/run/drain.hpp"
#include "run/sample_project.hpp"
#include "run/scripted_live.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::function<bool(const Error&)> is(ExitCode code, const std::string& words) {
  return [=](const Error& error) {
    return error.code() == code && std::string(error.what()).find(words) != std::string::npos;
  };
}

struct OpenLife {
  const TemporaryFolder folder;
  Life life{journal_in(folder), PayloadForm::array};
  JournalledSource& source = *life.source;
  ScriptedLive& live = *life.live;
  OpenLife() { source.open({}); }
};

// On a topic that brings nothing, with an inferred schema.
RunOutcome run_on_silence(const RunSettings& settings) {
  const TemporaryFolder folder;
  Life life(journal_in(folder));
  PreparedRun prepared;
  prepared.project.sink = sink_choice("hdf5", {{"path", (folder / "out").string()}});
  prepared.live = life.source.get();
  prepared.source = std::move(life.source);
  return run_in_one_process(std::move(prepared), settings);
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(the_schema_is_guessed_from_the_first_rows_and_they_are_read_all_the_same, OpenLife) {
  for (int row = 0; row < 5; ++row) live.deliver("[" + row_text(row) + "]");
  BOOST_TEST(source.sample(3) == (Texts{row_text(0), row_text(1), row_text(2)}),
             boost::test_tools::per_element());
  Buffer buffer({.rows = 5}, 0);
  BOOST_TEST(life.messages(buffer).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_refusal_of_the_broker_ends_the_wait_for_the_first_row, OpenLife) {
  live.state = LiveState::refused;
  BOOST_CHECK_EXCEPTION(source.sample(3), Error, is(ExitCode::source_refused, "the password is wrong"));
}

BOOST_FIXTURE_TEST_CASE(rows_that_came_before_a_refusal_are_a_sample_all_the_same, OpenLife) {
  live.deliver("[{\"n\":1}]");
  live.state = LiveState::refused;
  BOOST_TEST(source.sample(3).size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(the_wait_for_the_first_row_ends_when_max_seconds_are_over, OpenLife) {
  source.limit_sample(0.2);
  BOOST_CHECK_EXCEPTION(source.sample(3), Error, is(ExitCode::stopped_early, "max_seconds are over"));
  BOOST_TEST(system_clock().now_s() - source.opened_s() >= 0.2);
}

BOOST_FIXTURE_TEST_CASE(a_topic_that_stays_quiet_ends_the_wait_once_it_is_listened_to, OpenLife) {
  source.end_when_quiet_for(1);
  live.last_delivery_s = long_ago_s;
  live.state = LiveState::connecting;
  double connected_s = 0;
  std::jthread broker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1300));  // longer than quiet
    connected_s = system_clock().now_s();
    live.state = LiveState::receiving;
  });
  BOOST_CHECK_EXCEPTION(source.sample(3), Error, is(ExitCode::done, "no row has come within 1 s"));
  const auto ended_s = system_clock().now_s();
  broker.join();
  BOOST_TEST(ended_s - connected_s >= 0.5);  // when that is noticed is a matter of load
}

BOOST_FIXTURE_TEST_CASE(payloads_without_a_row_are_no_silence_and_are_refused_by_name, OpenLife) {
  source.end_when_quiet_for(0.1);
  live.deliver("[");
  live.deliver("[]");
  BOOST_CHECK_EXCEPTION(source.sample(3), Error,
                        is(ExitCode::project_refused, "any of the first 2 payloads"));
}

BOOST_FIXTURE_TEST_CASE(a_journal_that_is_full_of_payloads_without_a_row_is_not_waited_for, OpenLife) {
  for (int payload = 0; payload < 1000 && live.state == LiveState::receiving; ++payload) {
    live.deliver("[" + std::string(10000, ' '));
    source.regulate();
  }
  BOOST_CHECK_EXCEPTION(source.sample(3), Error, is(ExitCode::project_refused, "no row in any"));
}

BOOST_AUTO_TEST_CASE(a_run_on_a_silent_topic_ends_as_done_and_says_that_no_row_has_come) {
  RunSettings settings;
  settings.quiet_s = 0.1;
  const auto outcome = run_on_silence(settings);
  BOOST_CHECK(outcome.code == ExitCode::done);
  BOOST_TEST(outcome.report.outcome == "no row has come within 0.1 s");
  BOOST_TEST(outcome.report.ranks.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_run_that_is_asked_to_stop_before_the_first_row_stops_in_order) {
  catch_drain_signals();
  std::raise(SIGUSR1);
  const auto outcome = run_on_silence({});
  reset_drain_requests();
  BOOST_CHECK(outcome.code == ExitCode::stopped_early);
  BOOST_TEST(outcome.report.outcome == "stopped before the first row came");
}
