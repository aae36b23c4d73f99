// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "run/sample_project.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// Of three ranks: the last one works, the other takes its message and never answers, not even to a stop.
[[noreturn]] void run_with_a_worker_that_never_stops(const Project& project,
                                                     const std::filesystem::path& said) {
  const auto ranks = make_loopback_transports(3);
  std::thread([&] { run_worker(*ranks[2]); }).detach();
  RunSettings settings;
  settings.at_end = [&](const RunOutcome& outcome) { std::ofstream(said) << outcome.report.outcome; };
  run_feeder(*ranks[0], prepare_run(project), settings);
  std::_Exit(0);
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_worker_that_does_not_stop_changes_neither_the_exit_code_nor_what_is_said_of_the_run) {
  const TestFolder folder("never_stops");
  std::ofstream in(folder.path / "in.jsonl");
  in << "{\"x\":1}\nrubbish\n";
  for (int row = 0; row < 1000; ++row) in << "{\"x\":1}\n";
  in.close();
  auto project = weather_project(folder.path / "out", 0);
  project.source =
      source_choice("jsonl", {{"path", std::vector<std::string>{(folder.path / "in.jsonl").string()}}});
  project.chain = {};
  project.max_rejects = 0;
  const auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) run_with_a_worker_that_never_stops(project, folder.path / "said");
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_REQUIRE(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == static_cast<int>(ExitCode::max_rejects));
  BOOST_TEST(file_text(folder.path / "said").find("more than max_rejects 0 allows") != std::string::npos);
  BOOST_TEST(file_text(folder.path / "out" / "report.json").find("max_rejects") != std::string::npos);
}
