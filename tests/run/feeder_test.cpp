// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "millrace/base/log.hpp"
#include "millrace/run/drain.hpp"
#include "millrace/sink/output_reader.hpp"
#include "run/sample_project.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::string digest_of(const std::filesystem::path& output) {
  return OutputReader::open(output.string())->digest();
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_digest_is_the_same_for_any_number_of_workers_and_threads) {
  const TestFolder folder("digest");
  std::string first;
  for (const int workers : {1, 2, 3, 7}) {
    for (const int threads : {1, 2}) {
      const auto path = folder.path / (std::to_string(workers) + "_" + std::to_string(threads));
      auto project = weather_project(path, 2530);
      project.threads_per_worker = threads;
      const auto outcome = run_loopback(project, workers);
      BOOST_REQUIRE(outcome.code == ExitCode::done);
      if (first.empty()) first = digest_of(path);
      BOOST_TEST(digest_of(path) == first);
    }
  }
}

BOOST_AUTO_TEST_CASE(rank_0_works_along_at_full_speed_and_only_then) {
  const TestFolder folder("along");
  const auto messages_of_rank_0 = [&](const std::string& name, const auto& change) {
    auto project = weather_project(folder.path / name, 20000);
    for (int more = 0; more < 4; ++more) project.chain.push_back(task_choice("quantile_transformer_normal"));
    change(project);
    const auto report = run_loopback(project, 1).report;
    BOOST_TEST(report.ranks[0].messages + report.ranks[1].messages == 200u);
    BOOST_TEST((report.ranks[0].busy_share > 0) == (report.ranks[0].messages > 0));
    return report.ranks[0].messages;
  };
  BOOST_TEST(messages_of_rank_0("full", [](Project&) {}) > 0u);
  BOOST_TEST(messages_of_rank_0("single", [](Project& project) { project.method = "single"; }) == 0u);
  BOOST_TEST(messages_of_rank_0("rate", [](Project& project) { project.arrival_rate = 1e6; }) == 0u);
  BOOST_TEST(messages_of_rank_0("speed", [](Project& project) { project.speed = 1e9; }) == 0u);
  for (const auto* other : {"single", "rate", "speed"})
    BOOST_TEST(digest_of(folder.path / other) == digest_of(folder.path / "full"));
}

BOOST_AUTO_TEST_CASE(counts_of_the_report_add_up) {
  const TestFolder folder("counts");
  const auto outcome = run_loopback(weather_project(folder.path / "out", 5000), 2);
  const auto& totals = outcome.report.totals;
  BOOST_TEST(totals.rows_in == 5000u);
  BOOST_TEST(totals.messages == 50u);
  BOOST_TEST(totals.stages.size() == 5u);
  BOOST_TEST(totals.stages[2].rows_dropped > 0u);
  BOOST_TEST(totals.rows_in == totals.rows_out + totals.stages[2].rows_dropped);
  BOOST_TEST(outcome.report.ranks.size() == 3u);
  std::uint64_t messages = 0;
  for (const auto& use : outcome.report.ranks) messages += use.messages;
  BOOST_TEST(messages == 50u);
  BOOST_TEST(file_text(folder.path / "out" / "report.json").find("\"rows_in\": 5000") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_finished_run_says_so_and_changes_nothing) {
  const TestFolder folder("finished");
  const auto project = weather_project(folder.path / "out", 1000);
  run_loopback(project, 1);
  const auto digest = digest_of(folder.path / "out");
  const auto again = run_loopback(project, 1);
  BOOST_CHECK(again.code == ExitCode::done);
  BOOST_TEST(again.report.outcome.find("already finished") != std::string::npos);
  BOOST_TEST(again.report.rows_in_run == 0u);
  BOOST_TEST(digest_of(folder.path / "out") == digest);
}

BOOST_AUTO_TEST_CASE(another_chain_on_the_same_output_is_refused_by_name) {
  const TestFolder folder("refused");
  auto project = weather_project(folder.path / "out", 1000);
  run_loopback(project, 1);
  project.chain.pop_back();
  try {
    run_loopback(project, 1);
    BOOST_ERROR("not refused");
  } catch (const Error& error) {
    BOOST_CHECK(error.code() == ExitCode::project_refused);
    BOOST_TEST(std::string(error.what()).find("chain") != std::string::npos);
  }
  RunSettings anew;
  anew.overwrite = true;
  BOOST_CHECK(run_loopback(project, 1, anew).code == ExitCode::done);
}

BOOST_AUTO_TEST_CASE(bad_rows_are_quarantined_with_their_line_and_do_not_stop_the_others) {
  const TestFolder folder("rejects");
  std::ofstream(folder.path / "in.jsonl")
      << "{\"t\":1,\"x\":1.5}\n\nrubbish\n{\"t\":3,\"x\":\"a\"}\n{\"t\":4,\"x\":2.5}\n";
  auto project = weather_project(folder.path / "out", 0);
  project.source =
      source_choice("jsonl", {{"path", std::vector<std::string>{(folder.path / "in.jsonl").string()}}});
  project.chain = {};
  auto outcome = run_loopback(project, 1);
  BOOST_CHECK(outcome.code == ExitCode::done);
  BOOST_TEST(outcome.report.totals.rows_out == 2u);
  BOOST_TEST(outcome.report.totals.rows_rejected == 2u);
  const auto rejects = file_text(folder.path / "out.rejects.jsonl");
  BOOST_TEST(rejects.find("in.jsonl:3") != std::string::npos);
  BOOST_TEST(rejects.find("in.jsonl:4") != std::string::npos);
  project.buffering_factor = 1;
  RunSettings overwrite;
  overwrite.overwrite = true;
  BOOST_CHECK(run_loopback(project, 1, overwrite).code == ExitCode::done);
  BOOST_TEST(file_text(folder.path / "out.rejects.jsonl") == rejects);
  RunSettings strict;
  strict.strict = strict.overwrite = true;
  BOOST_CHECK(run_loopback(project, 1, strict).code == ExitCode::rows_quarantined);
  project.max_rejects = 1;
  BOOST_CHECK(run_loopback(project, 1, strict).code == ExitCode::max_rejects);
}

BOOST_AUTO_TEST_CASE(keys_that_come_later_and_columns_that_refuse_rows_are_named_once) {
  const TestFolder folder("warnings");
  std::ofstream in(folder.path / "in.jsonl");
  for (int row = 0; row < 300; ++row)
    in << "{\"x\":" << (row % 20 == 19 ? "\"five\"" : "5") << (row >= 100 ? ",\"late\":1}" : "}") << '\n';
  in.close();
  auto project = weather_project(folder.path / "out", 0);
  project.source =
      source_choice("jsonl", {{"path", std::vector<std::string>{(folder.path / "in.jsonl").string()}}});
  project.chain = {};
  project.infer_rows = 10;
  std::vector<std::string> lines;
  relay_log([&lines](LogLevel, std::string_view line) { lines.emplace_back(line); });
  run_loopback(project, 2);
  relay_log({});
  const auto count = [&lines](std::string_view words) {
    return std::count_if(lines.begin(), lines.end(),
                         [&](const auto& line) { return line.find(words) != std::string::npos; });
  };
  BOOST_TEST(count("key late: not in the schema") == 1);
  BOOST_TEST(count("15 of 300 rows were refused (decode: column x: expected a number") == 1);
}

BOOST_AUTO_TEST_CASE(a_drained_run_goes_on_to_the_same_digest) {
  const TestFolder folder("drain");
  run_loopback(weather_project(folder.path / "whole", 60000), 1);
  catch_drain_signals();
  RunSettings interrupted;
  interrupted.show_progress = [](const ProgressState& state) {
    if (state.rows_in > 0 && drain_requests() == 0) std::raise(SIGUSR1);
  };
  auto project = weather_project(folder.path / "drained", 60000);
  project.arrival_rate = 60000;  // a second, so that there is time to be interrupted
  const auto first = run_loopback(project, 2, interrupted);
  reset_drain_requests();
  BOOST_CHECK(first.code == ExitCode::stopped_early);
  BOOST_TEST(first.report.totals.rows_in < 60000u);
  const auto second = run_loopback(project, 1);
  BOOST_CHECK(second.code == ExitCode::done);
  BOOST_TEST(second.report.rows_in_run == 60000u - first.report.totals.rows_in);
  BOOST_TEST(digest_of(folder.path / "drained") == digest_of(folder.path / "whole"));
}

BOOST_AUTO_TEST_CASE(a_run_at_full_speed_that_is_drained_goes_on_to_the_same_digest) {
  const TestFolder folder("drain_fast");
  constexpr std::int64_t rows = 80000;
  const auto project_in = [&](const std::string& name) {
    auto project = weather_project(folder.path / name, rows);
    project.buffering_factor = 1;
    return project;
  };
  run_loopback(project_in("whole"), 1);
  catch_drain_signals();
  std::thread interrupter;
  RunSettings interrupted;
  interrupted.show_progress = [&](const ProgressState&) {  // first as the run begins
    if (interrupter.joinable()) return;
    interrupter = std::thread([] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      std::raise(SIGUSR1);
    });
  };
  const auto first = run_loopback(project_in("drained"), 2, interrupted);
  interrupter.join();
  reset_drain_requests();
  BOOST_CHECK(first.code == ExitCode::stopped_early);
  BOOST_TEST(first.report.totals.rows_in < rows);
  BOOST_CHECK(run_loopback(project_in("drained"), 1).code == ExitCode::done);
  BOOST_TEST(digest_of(folder.path / "drained") == digest_of(folder.path / "whole"));
}

BOOST_AUTO_TEST_CASE(a_run_stops_behind_the_message_that_max_rows_end_in_and_the_next_one_goes_on) {
  const TestFolder folder("max_rows");
  run_loopback(weather_project(folder.path / "whole", 2530), 1);
  const auto project = weather_project(folder.path / "limited", 2530);
  RunSettings limited;
  limited.max_rows = 1250;  // twelve messages and a half
  const auto first = run_loopback(project, 2, limited);
  BOOST_CHECK(first.code == ExitCode::stopped_early);
  BOOST_TEST(first.report.totals.rows_in == 1300u);
  limited.max_rows = 1;
  const auto second = run_loopback(project, 2, limited);
  BOOST_CHECK(second.code == ExitCode::stopped_early);
  BOOST_TEST(second.report.totals.rows_in == 1400u);
  limited.max_rows = 0;
  const auto third = run_loopback(project, 2, limited);
  BOOST_CHECK(third.code == ExitCode::done);
  BOOST_TEST(digest_of(folder.path / "limited") == digest_of(folder.path / "whole"));
}

BOOST_AUTO_TEST_CASE(a_run_stops_after_max_seconds) {
  const TestFolder folder("max_seconds");
  auto project = weather_project(folder.path / "out", 1000000000);
  project.arrival_rate = 5000;
  RunSettings limited;
  limited.max_seconds = 0.5;
  const auto outcome = run_loopback(project, 2, limited);
  BOOST_CHECK(outcome.code == ExitCode::stopped_early);
  BOOST_TEST(outcome.report.wall_s >= 0.3);
  BOOST_TEST(outcome.report.totals.rows_in >= 1000u);
}
