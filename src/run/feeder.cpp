// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/feeder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/clock.hpp"
#include "millrace/base/log.hpp"
#include "millrace/base/priority.hpp"
#include "millrace/run/drain.hpp"
#include "run/dispatch.hpp"
#include "run/heartbeat.hpp"
#include "run/intake_limits.hpp"
#include "run/journalled_source.hpp"
#include "run/message_processor.hpp"
#include "run/output_header.hpp"
#include "run/set_up.hpp"

namespace millrace {
namespace {

constexpr std::size_t batch_rows = 4096;
constexpr double progress_interval_s = 0.2;
constexpr double room_check_interval_s = 0.05;
constexpr double forced_commit_interval_s = 1.0;

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What a sink waits for may never come.
void end_if_asked_twice(Transport& transport) {
  if (drain_requests() > 1) transport.abort(static_cast<int>(ExitCode::stopped_early));
}

class Feeder {
 public:
  Feeder(HeartbeatTransport& transport, PreparedRun& prepared, Output& output, const RunSettings& settings)
      : transport_(transport),
        source_(*prepared.source),
        live_(prepared.live),
        settings_(settings),
        limits_(settings),
        buffer_(limits_of(prepared), first_sequence(output)),
        dispatch_(transport, first_sequence(output), set_up_of(prepared, transport)),
        writer_(output, writer_settings(prepared)),
        part_ends_(prefix_sums(source_.parts())) {
    if (!rank_0_works_along(prepared)) return;
    const auto set_up = set_up_of(prepared, transport);
    own_.emplace(set_up, std::make_shared<const Chain>(set_up.input, set_up.chain), transport.rank());
  }

  // True: the input is at its end. False: drained on request.
  bool feed() {
    begin_s_ = live_ != nullptr ? live_->opened_s() : system_clock().now_s();
    while (!at_end()) {
      stop_if_asked();
      if (live_ != nullptr) make_room();
      bool busy = collect();
      busy = fill() || busy;
      busy = forward() || busy;
      busy = busy || work_along();
      show_progress();
      if (writer_.failed()) break;
      if (!busy) transport_.idle();
    }
    transport_.beat_during([&] { writer_.finish(); }, [&] { stop_if_signalled(); });
    return input_done_;
  }

  // Ends the writer after a failure elsewhere, keeping what it wrote.
  void abandon() noexcept {
    try {
      writer_.finish();
    } catch (const std::exception& failure) {
      log_error(failure.what());
    }
  }
  std::uint64_t rows_written() const { return writer_.rows_in(); }
  RankUse use() const {
    return {0, transport_.host(), own_ ? own_->messages() : 0, own_ ? own_->busy_s() : 0, 0};
  }

 private:
  static BufferLimits limits_of(const PreparedRun& prepared) {
    const auto& project = prepared.project;
    const bool has_clock = prepared.live != nullptr || project.arrival_rate > 0 || project.speed > 0;
    return {static_cast<std::size_t>(project.buffering_factor),
            static_cast<std::size_t>(project.buffer_bytes), has_clock ? project.buffer_timeout_s : 0};
  }

  static std::uint64_t first_sequence(const Output& output) {
    return output.found() ? output.found()->next_sequence : 0;
  }

  static WriterSettings writer_settings(const PreparedRun& prepared) {
    WriterSettings settings;
    settings.result_schema = Chain(prepared.input, prepared.steps).schema_after();
    for (const auto& part : prepared.source->parts()) settings.part_names.push_back(part.name);
    settings.max_rejects = prepared.project.max_rejects;
    settings.is_input = prepared.requeue == nullptr;
    if (prepared.live != nullptr)
      settings.committed = [live = prepared.live](const SourcePosition& position) {
        live->committed(position);
      };
    return settings;
  }

  static std::vector<std::uint64_t> prefix_sums(const std::vector<InputPart>& parts) {
    std::vector<std::uint64_t> begins{0};
    for (const auto& part : parts) begins.push_back(begins.back() + part.bytes);
    return begins;
  }

  bool at_end() const { return (input_done_ || draining_) && dispatch_.is_empty(); }

  void stop_if_asked() {
    stop_if_signalled();
    if (const auto reason = limits_.reached(begin_s_, buffer_.rows() > 0); !reason.empty()) drain(reason);
  }

  void stop_if_signalled() {
    end_if_asked_twice(transport_);
    if (drain_requests() > 0) drain("asked to stop");
  }

  void drain(std::string_view reason) {
    if (draining_) return;
    log_info(fmt::format("{}: finishing the messages in flight", reason));
    // Rows in the open buffer are dropped here and read again by the next run, so that messages are cut as
    // before.
    draining_ = true;
    if (live_ != nullptr) live_->stop_receiving();
  }

  // The journal is nearly full, or full: it is trimmed behind what is committed.
  void make_room() {
    const auto now = system_clock().now_s();
    if (draining_ || now < next_room_check_s_) return;
    next_room_check_s_ = now + room_check_interval_s;
    is_short_of_room_ = live_->regulate();
    if (!is_short_of_room_ || now < next_commit_s_) return;
    next_commit_s_ = now + forced_commit_interval_s;
    writer_.ask_for_commit();
  }

  bool fill() {
    if (draining_ || input_done_ || !dispatch_.can_send(writer_.held_bytes())) return false;
    Bundle bundle;
    const bool busy = take(bundle);
    if (!bundle.messages().empty()) dispatch_.send(std::move(bundle));
    return busy;
  }

  bool work_along() {
    if (!own_ || draining_ || input_done_ || transport_.is_moving()) return false;
    if (!dispatch_.has_time(writer_.held_bytes())) return false;
    Bundle bundle;
    const bool busy = take(bundle);
    if (bundle.messages().empty()) return busy;
    if (Dispatch::is_small(bundle))
      compute(std::move(bundle));
    else
      dispatch_.send(std::move(bundle));
    return busy;
  }

  void compute(Bundle bundle) {
    auto results = own_->compute(bundle.take_blocks(), 1);
    dispatch_.take_own(std::move(bundle), std::move(results));
  }

  // The messages that are full with what can be read now. False: nothing could be read.
  bool take(Bundle& bundle) {
    if (next_row_ == batch_.size() && !read_batch(bundle)) return false;
    while (next_row_ < batch_.size() && limits_.have_room(buffer_.rows() > 0) &&
           dispatch_.takes_more(bundle)) {
      auto message = buffer_.cut_before(batch_[next_row_]);
      add(message ? std::move(message) : take_row(), bundle);
    }
    return true;
  }

  void add(std::optional<CutMessage> message, Bundle& bundle) {
    if (!message) return;
    if (live_ != nullptr) live_->cut(*message);
    bundle.add(std::move(*message));
  }

  std::optional<CutMessage> take_row() {
    limits_.count_row();
    return buffer_.add(batch_[next_row_++], batch_unix_s_);
  }

  bool read_batch(Bundle& bundle) {
    next_row_ = 0;
    source_.read(batch_rows, batch_);
    batch_unix_s_ = system_clock().unix_s();
    if (!batch_.empty()) return true;
    input_done_ = source_.finished();
    add(input_done_ || is_short_of_room_ ? buffer_.cut() : buffer_.cut_if_due(source_.scheduled_now_s()),
        bundle);
    return input_done_;
  }

  bool collect() {
    auto packet = transport_.receive();
    if (!packet) return false;
    switch (packet->tag) {
      case Tag::result:
        dispatch_.accept(std::move(*packet));
        break;
      case Tag::reads_input:
        dispatch_.expect_to_read(packet->from);
        break;
      case Tag::failed:
        throw Error(ExitCode::failed, std::string(text_of(packet->bytes)));
      default:
        break;
    }
    return true;
  }

  bool forward() {
    bool any = false;
    while (auto job = dispatch_.next_in_order()) {
      position_ = job->bundle.messages().back().behind;
      if (!writer_.try_push(*job)) {
        dispatch_.put_back(std::move(*job));
        break;
      }
      any = true;
    }
    return any;
  }

  void show_progress() {
    if (!settings_.show_progress) return;
    const auto now = system_clock().now_s();
    if (now < next_progress_s_) return;
    next_progress_s_ = now + progress_interval_s;
    const auto all = static_cast<double>(source_.total_bytes());
    const auto part = std::min<std::size_t>(position_.part, part_ends_.size() - 1);
    const auto share = all > 0 ? static_cast<double>(part_ends_[part] + position_.byte) / all : -1;
    settings_.show_progress({now - begin_s_, writer_.rows_in(), share > 1 ? -1 : share, dispatch_.in_flight(),
                             dispatch_.waiting(), live_ != nullptr ? live_->unread() : 0});
  }

  HeartbeatTransport& transport_;
  Source& source_;
  JournalledSource* live_;  // the source, if it is one
  const RunSettings& settings_;
  IntakeLimits limits_;
  Buffer buffer_;
  Dispatch dispatch_;
  Writer writer_;
  std::vector<std::uint64_t> part_ends_;
  std::optional<MessageProcessor> own_;  // of rank 0, where it works along
  std::vector<SourceRow> batch_;
  std::size_t next_row_ = 0;
  double batch_unix_s_ = 0, begin_s_ = 0, next_progress_s_ = 0, next_room_check_s_ = 0, next_commit_s_ = 0;
  SourcePosition position_;
  bool input_done_ = false, draining_ = false, is_short_of_room_ = false;
};

void send_set_up(HeartbeatTransport& transport, const PreparedRun& prepared) {
  const auto set_up = set_up_of(prepared, transport);
  for (int rank = 1; rank < transport.size(); ++rank) transport.send(rank, Tag::set_up, encode(set_up));
  transport.watch(set_up.heartbeat_timeout_s);
}

// Runs to the end or to a drain; whatever fails after the start is in the outcome, with what was written
// committed.
RunOutcome feed_and_commit(HeartbeatTransport& transport, PreparedRun& prepared, Output& output,
                           const RunSettings& settings) {
  RunOutcome outcome;
  if (prepared.live != nullptr) give_way();  // and the writer's thread; the source has its own already
  Feeder feeder(transport, prepared, output, settings);
  bool finished = false;
  const auto guarded = [&](auto&& step) {
    try {
      step();
    } catch (const Error& error) {
      outcome.code = error.code();
      outcome.report.outcome = error.what();
    } catch (const std::exception& error) {
      outcome.code = ExitCode::failed;
      outcome.report.outcome = error.what();
    }
  };
  guarded([&] {
    finished = feeder.feed();
    outcome.code = finished ? ExitCode::done : ExitCode::stopped_early;
    outcome.report.outcome = finished ? "done" : "stopped early; run again to go on";
  });
  const auto end_if_asked = [&] { end_if_asked_twice(transport); };
  if (prepared.live != nullptr && !finished) prepared.live->stop_receiving();  // what is left has the cores
  transport.beat_during([&] { feeder.abandon(); }, end_if_asked);
  outcome.report.rows_in_run = feeder.rows_written();
  outcome.report.ranks = {feeder.use()};
  if (outcome.code == ExitCode::no_space || output.has_failed()) return outcome;
  guarded([&] {
    transport.beat_during([&] { output.commit(finished && prepared.live == nullptr); }, end_if_asked);
  });
  if (prepared.live != nullptr) guarded([&] { prepared.live->committed(output.committed_position()); });
  return outcome;
}

// Empty, with the outcome, where the run came to its end before the first row: no schema, so no output.
std::unique_ptr<Output> open_unless_over(PreparedRun& prepared, const RunSettings& settings,
                                         RunOutcome& outcome) {
  try {
    return open_output(prepared, settings);
  } catch (const Error& end) {
    if (end.code() != ExitCode::done && end.code() != ExitCode::stopped_early) throw;
    outcome.code = end.code();
    outcome.report.outcome = end.what();
    return nullptr;
  }
}

RunOutcome run_into(Output& output, HeartbeatTransport& transport, PreparedRun& prepared,
                    const RunSettings& settings) {
  const auto start_s = system_clock().now_s();
  send_set_up(transport, prepared);  // the workers get ready while the output is begun
  transport.beat_during([&] { begin_output(output, prepared, settings); });
  log_memory_bound(transport, prepared, output);
  const auto begin_s = system_clock().now_s();
  RunOutcome outcome;
  if (prepared.requeue == nullptr && is_finished(output, *prepared.source))
    outcome.report.outcome = "already finished: every row of this input is in the output";
  else
    outcome = feed_and_commit(transport, prepared, output, settings);
  auto& report = outcome.report;
  const auto end_s = system_clock().now_s();
  const bool is_all_committed = outcome.code == ExitCode::done || outcome.code == ExitCode::stopped_early;
  report.start_s = begin_s - start_s;
  report.wall_s = (is_all_committed ? output.last_commit_s().value_or(end_s) : end_s) - begin_s;
  report.end_s = end_s - begin_s - report.wall_s;
  report.stages = output.stages();
  report.totals = output.totals();
  return outcome;
}

}  // namespace

RunOutcome run_feeder(Transport& ranks, PreparedRun prepared, const RunSettings& settings) {
  HeartbeatTransport transport(ranks);
  if (prepared.live != nullptr) {
    prepared.live->end_when_quiet_for(settings.quiet_s);
    prepared.live->limit_sample(settings.max_seconds);
  }
  const auto start_s = system_clock().now_s();
  RunOutcome outcome;
  const auto output = open_unless_over(prepared, settings, outcome);
  const auto opened_s = system_clock().now_s();
  if (output) outcome = run_into(*output, transport, prepared, settings);
  auto& report = outcome.report;
  auto uses = std::exchange(report.ranks, {});
  report.start_s += opened_s - start_s;
  if (prepared.live != nullptr) report.intake = prepared.live->counts();
  if (outcome.code == ExitCode::done && settings.strict && report.totals.rows_quarantined() > 0)
    outcome.code = ExitCode::rows_quarantined;
  write_report(prepared.project, report);  // a worker that does not stop ends this process
  if (settings.at_end) settings.at_end(outcome);
  if (outcome.code != ExitCode::rank_lost) report.ranks = stop_workers(ranks, outcome.code);
  if (uses.empty()) uses.push_back({0, transport.host()});
  uses.front().peak_bytes = peak_resident_bytes();
  report.ranks.insert(report.ranks.begin(), uses.front());
  for (auto& use : report.ranks) use.busy_share /= std::max(report.wall_s, 1e-9);
  write_report(prepared.project, report);
  return outcome;
}

}  // namespace millrace
