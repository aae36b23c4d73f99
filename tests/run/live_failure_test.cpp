// SPDX-License-Identifier: Apache-2.0
// What a live source does while a run that failed commits what it has.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <thread>

#include "run/sample_project.hpp"
#include "run/scripted_live.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct Seen {
  std::atomic<bool> is_paused = false, was_committed_by_then = false;
};

Path first_segment(const TemporaryFolder& folder) {
  return folder / "out" / "segments" / "segment-00000001.h5";
}

class WatchedLive : public ScriptedLive {
 public:
  WatchedLive(Seen& seen, Path segment)
      : ScriptedLive({.form = PayloadForm::row}), seen_(seen), segment_(std::move(segment)) {}
  void pause() override {
    if (!seen_.is_paused.exchange(true)) seen_.was_committed_by_then = std::filesystem::exists(segment_);
    ScriptedLive::pause();
  }

 private:
  Seen& seen_;
  Path segment_;
};

void fill(const TemporaryFolder& folder) {
  Life life(journal_in(folder));
  life.source->open({});
  for (int row = 0; row < 4; ++row) life.live->deliver(row_text(row));
  life.live->deliver("{\"n\":\"no number\"}");
}

RunOutcome run_with_no_reject_allowed(const TemporaryFolder& folder, Seen& seen) {
  auto source = std::make_unique<JournalledSource>(std::make_unique<WatchedLive>(seen, first_segment(folder)),
                                                   journal_in(folder));
  PreparedRun prepared;
  prepared.project.sink = sink_choice("hdf5", {{"path", (folder / "out").string()}});
  prepared.project.buffering_factor = 2;
  prepared.project.buffer_timeout_s = 0.05;
  prepared.project.max_rejects = 0;
  prepared.input = Schema{{{"n", Type::float64}}};
  prepared.live = source.get();
  prepared.source = std::move(source);
  RunOutcome outcome;
  // A thread of its own, since it gives way for good.
  std::thread([&] { outcome = run_in_one_process(std::move(prepared), {}); }).join();
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_live_run_that_fails_stops_receiving_before_it_commits) {
  const TemporaryFolder folder;
  fill(folder);
  Seen seen;
  const auto outcome = run_with_no_reject_allowed(folder, seen);
  BOOST_TEST(static_cast<int>(outcome.code) == static_cast<int>(ExitCode::max_rejects));
  BOOST_TEST(seen.is_paused);
  BOOST_TEST(!seen.was_committed_by_then);
  BOOST_TEST(std::filesystem::exists(first_segment(folder)));
}
