// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "run/sample_project.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct Unstoppable {
  const TestFolder folder{"never_stops"};
  Project project = weather_project(folder.path / "out", 0);
  RunSettings settings;

  Unstoppable() {
    std::ofstream in(folder.path / "in.jsonl");
    in << "{\"x\":1}\nrubbish\n";
    for (int row = 0; row < 1000; ++row) in << "{\"x\":1}\n";
    project.source =
        source_choice("jsonl", {{"path", std::vector<std::string>{(folder.path / "in.jsonl").string()}}});
    project.chain = {};
  }

  // Of a run with three ranks: the last one, which is given the first message, works; the other takes what it
  // is sent and never answers, not even to a stop.
  int exit_code() {
    const auto child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) run();
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
  }

  std::string text_of(const std::string& file) const {
    std::ifstream in(folder.path / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  [[noreturn]] void run() {
    const auto ranks = make_loopback_transports(3);
    std::thread([&] { run_worker(*ranks[2]); }).detach();
    settings.at_end = [&](const RunOutcome& outcome) {
      std::ofstream(folder.path / "said") << static_cast<int>(outcome.code) << ' ' << outcome.report.outcome;
    };
    run_feeder(*ranks[0], prepare_run(project), settings);
    std::_Exit(0);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_worker_that_does_not_stop_changes_neither_the_exit_code_nor_what_is_said,
                        Unstoppable) {
  project.max_rejects = 0;
  BOOST_TEST(exit_code() == static_cast<int>(ExitCode::max_rejects));
  BOOST_TEST(text_of("said").find("more than max_rejects 0 allows") != std::string::npos);
  BOOST_TEST(text_of("out/report.json").find("max_rejects") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(rows_that_were_quarantined_are_known_before_the_workers_stop, Unstoppable) {
  settings.strict = true;
  project.buffering_factor = 5000;  // one message
  BOOST_TEST(exit_code() == static_cast<int>(ExitCode::rows_quarantined));
  BOOST_TEST(text_of("said") == "4 done");
}
