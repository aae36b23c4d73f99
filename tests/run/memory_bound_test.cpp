// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/memory_bound.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <utility>

#include "millrace/sink/planned_output.hpp"
#include "run/dispatch.hpp"
#include "run/sample_project.hpp"
#include "run/scripted_live.hpp"
#include "run/set_up.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr std::size_t payload_bytes = 16u << 20;
constexpr int payloads = 48;  // more than may be held
constexpr double patience_s = 2;

JournalSettings large_journal_in(const TemporaryFolder& folder) {
  auto settings = journal_in(folder);
  settings.max_bytes = 1u << 30;
  return settings;
}

// In a process of its own, whose memory is the step's alone.
template <class Step>
int exit_code_of(Step step) {
  const auto child = ::fork();
  if (child == 0) {
    step();
    std::_Exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void fill(const TemporaryFolder& folder) {
  Life life(large_journal_in(folder), PayloadForm::array, payload_bytes);
  life.source->open({});
  for (int i = 0; i < payloads; ++i) life.live->deliver("[" + std::string(payload_bytes - 1, 'x'));
}

PreparedRun run_in(const TemporaryFolder& folder) {
  auto source = std::move(Life(large_journal_in(folder), PayloadForm::array, payload_bytes).source);
  PreparedRun prepared;
  prepared.project.sink = sink_choice("hdf5", {{"path", (folder / "out").string()}});
  prepared.project.buffer_bytes = payload_bytes;
  prepared.input = Schema{{{"x", Type::float64}}};
  prepared.live = source.get();
  prepared.source = std::move(source);
  return prepared;
}

// The quarantine file is a pipe that nobody reads. Exits with 0 once so much is held that nothing more is
// read, with 1 beyond the bound, and with 2 if the payloads together are too small to tell.
void run_with_a_writer_that_stands(const TemporaryFolder& folder) {
  auto prepared = run_in(folder);
  const auto sink = sink_memory_bound("hdf5", prepared.project.sink.options, prepared.input);
  const auto bound = memory_bound(prepared, sink).feeder;
  if (bound > payloads * payload_bytes / 2) std::_Exit(2);
  const auto before = peak_resident_bytes();
  std::uint64_t unread = 0;
  double standing_since_s = 0;
  RunSettings settings;
  settings.show_progress = [&](const ProgressState& state) {
    if (unread == 0) BOOST_REQUIRE(::mkfifo((folder / "out.rejects.jsonl").c_str(), 0600) == 0);
    if (peak_resident_bytes() - before > bound) std::_Exit(1);
    if (std::exchange(unread, state.lag) != state.lag) standing_since_s = state.elapsed_s;
    const bool is_much_held = (payloads - state.lag) * payload_bytes >= Dispatch::most_held_bytes;
    if (is_much_held && state.lag > 0 && state.elapsed_s - standing_since_s > patience_s) std::_Exit(0);
  };
  run_in_one_process(std::move(prepared), settings);
  std::_Exit(3);
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_thread_of_a_worker_adds_what_it_holds_to_the_bound) {
  const TemporaryFolder folder;
  auto prepared = run_in(folder);
  const auto one = memory_bound(prepared, 0);
  prepared.project.threads_per_worker = 4;
  const auto four = memory_bound(prepared, 0);
  BOOST_TEST(four.worker >= one.worker + 3 * payload_bytes);
  BOOST_TEST(four.feeder == one.feeder);
}

BOOST_AUTO_TEST_CASE(the_bound_of_rank_0_holds_a_message_that_it_computes_itself) {
  const TemporaryFolder folder;
  PreparedRun prepared = prepare_run(weather_project(folder / "out", 1));
  const auto along = memory_bound(prepared, 0).feeder;
  prepared.project.method = "single";
  BOOST_TEST(along == memory_bound(prepared, 0).feeder + 3 * Dispatch::most_own_bytes);
}

BOOST_AUTO_TEST_CASE(refused_payloads_that_wait_for_the_writer_stay_within_the_bound_that_was_said) {
  const TemporaryFolder folder;
  BOOST_REQUIRE(exit_code_of([&] { fill(folder); }) == 0);
  BOOST_TEST(exit_code_of([&] { run_with_a_writer_that_stands(folder); }) == 0);
}
