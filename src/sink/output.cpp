// SPDX-License-Identifier: Apache-2.0
#include "millrace/sink/output.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "millrace/base/error.hpp"
#include "millrace/sink/planned_output.hpp"
#include "millrace/sink/quarantine.hpp"
#include "sink/growing_file.hpp"
#include "sink/output_places.hpp"
#include "sink/rejects.hpp"
#include "sink/requeue_stages.hpp"
#include "sink/run_difference.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

class ManifestedOutput : public Output {
 public:
  ManifestedOutput(const OutputSettings& settings, OutputPlaces places);

  const std::optional<OutputState>& found() const override { return found_; }
  void begin(const OutputHeader& header, const std::vector<RecordedPart>& parts) override;
  void begin_requeue(const RequeueHeader& header) override;
  void write(SinkMessage& message) override;
  void tick() override;
  void commit(bool finished) override;
  const Totals& totals() const override { return totals_; }
  const std::vector<std::string>& stages() const override { return state().header.stages; }
  std::uint64_t rows_committed() const override { return state().totals.rows_out; }
  SourcePosition committed_position() const override { return state().position; }
  std::optional<double> last_commit_s() const override { return last_commit_s_; }
  bool has_failed() const override { return has_failed_; }
  std::uint64_t memory_bound() const override;

 private:
  const OutputState& state() const { return manifest_.state().output; }
  void start_anew();
  void start_writing();
  void check_same(const std::vector<std::string>& differences, const char* why, const char* advice) const;
  void check_usable(bool begun) const;
  void tick_sink();
  void publish(bool finished);
  void go_behind(SinkMessage& message);

  OutputSettings settings_;
  OutputPlaces places_;
  CommitPolicy policy_;
  std::optional<FileLock> lock_;
  Manifest manifest_;  // which the sink, going, still looks at
  std::unique_ptr<Sink> sink_;
  GrowingFile rejects_;
  std::optional<OutputState> found_;
  Totals totals_, pending_;
  std::uint64_t next_sequence_ = 0;
  SourcePosition position_;
  std::uint64_t requeued_bytes_ = 0;
  std::vector<std::size_t> stage_places_;  // of a requeue's stages among all
  double first_pending_s_ = 0;
  std::optional<double> last_commit_s_;
  bool is_begun_ = false, is_requeue_ = false, has_failed_ = false;
};

ManifestedOutput::ManifestedOutput(const OutputSettings& settings, OutputPlaces places)
    : settings_(settings), places_(std::move(places)), rejects_(places_.rejects) {
  const auto& part = sink_part(settings.sink);
  policy_ = part.policy(settings.options);
  check_place(places_, settings_.overwrite);
  lock_ = occupy(places_, settings.lock_wait_s);
  sink_ = part.make(settings_, places_);
  if (settings.overwrite || !std::filesystem::exists(places_.manifest)) start_anew();
  manifest_ = Manifest::open(places_.manifest);
  sink_->recover(manifest_);
  rejects_.recover(state().reject_bytes);
  if (manifest_.state().is_begun()) found_ = state();
}

// The empty manifest comes first: whatever is left behind it is known to be ours.
void ManifestedOutput::start_anew() {
  Manifest::create(places_.manifest);
  sink_->remove_all();
  rejects_.remove();
  std::filesystem::remove(places_.report);
}

void ManifestedOutput::begin(const OutputHeader& header, const std::vector<RecordedPart>& parts) {
  check_usable(false);
  BeginEntry entry{settings_.sink, is_set(settings_.options, "source_row"),
                   is_set(settings_.options, "keep_fits"), header, parts};
  sink_->check(header.result_schema, entry.source_row);
  if (!found_) {
    manifest_.append(std::move(entry));
  } else {
    check_same(differences(manifest_.state(), entry), "was made by another project",
               "--overwrite starts anew");
    if (parts.size() > found_->parts.size()) manifest_.append(ResumeEntry{header.attributes, parts});
  }
  start_writing();
}

// Behind what a requeue that was stopped has put back, and with its number.
void ManifestedOutput::begin_requeue(const RequeueHeader& header) {
  check_usable(false);
  if (!found_) throw std::logic_error("there is no output whose rows could be put back");
  check_same(requeue_differences(manifest_.state(), settings_, header), "takes no results of this project",
             "rows that are put back go into the columns that are there");
  const auto range = range_to_requeue(state(), header.project);
  RequeueEntry entry{{header.project, range.end}, {}};
  auto all = state().header.stages;
  stage_places_ = places_of_stages(header.stages, all);
  entry.new_stages.assign(all.begin() + static_cast<std::ptrdiff_t>(state().header.stages.size()), all.end());
  if (range.begin < range.end && !goes_on_with_requeue(state(), header.project))
    manifest_.append(std::move(entry));
  is_requeue_ = true;
  start_writing();
}

void ManifestedOutput::start_writing() {
  totals_ = state().totals;
  next_sequence_ = state().next_sequence;
  position_ = state().position;
  requeued_bytes_ = state().requeued_bytes;
  sink_->begin(manifest_);
  is_begun_ = true;
}

void ManifestedOutput::check_same(const std::vector<std::string>& differences, const char* why,
                                  const char* advice) const {
  if (differences.empty()) return;
  auto text = fmt::format("{} {}:", places_.root.string(), why);
  for (const auto& line : differences) text += "\n  " + line;
  throw Error(ExitCode::project_refused, text + '\n' + advice);
}

void ManifestedOutput::check_usable(bool begun) const {
  if (has_failed_) throw std::logic_error("an output that failed is used again");
  if (is_begun_ != begun) throw std::logic_error("an output is begun once, and before it is written to");
}

void ManifestedOutput::write(SinkMessage& message) {
  check_usable(true);
  if (message.result.sequence != next_sequence_)
    throw std::logic_error(fmt::format("message {} comes to the sink in the place of {}",
                                       message.result.sequence, next_sequence_));
  if (pending_.messages == 0) first_pending_s_ = settings_.clock->now_s();
  const auto first_row = position_.row, first_result_row = totals_.rows_out;
  go_behind(message);
  count_message(message, totals_);
  count_message(message, pending_);
  ++next_sequence_;
  has_failed_ = true;
  append_rejects(message, first_row, rejects_);
  sink_->write(message, first_row, first_result_row);
  has_failed_ = false;
  if (std::max(pending_.rows_out, pending_.messages) >= policy_.rows) commit(false);
}

void ManifestedOutput::go_behind(SinkMessage& message) {
  if (!is_requeue_) {
    position_ = message.behind;
    return;
  }
  message.requeue = state().requeues.size();
  put_stages(stage_places_, message.result.stages);
  const auto requeued = message.behind.line - totals_.rows_requeued;
  totals_.rows_requeued += requeued;
  pending_.rows_requeued += requeued;
  requeued_bytes_ = message.behind.byte;
}

void ManifestedOutput::tick() {
  if (pending_.messages > 0 && settings_.clock->now_s() - first_pending_s_ >= policy_.seconds)
    commit(false);
  else if (is_begun_ && !has_failed_)
    tick_sink();
}

void ManifestedOutput::tick_sink() {
  has_failed_ = true;
  sink_->tick();
  has_failed_ = false;
}

void ManifestedOutput::commit(bool finished) {
  check_usable(true);
  if (is_requeue_) finished = state().finished;
  if (pending_.messages == 0 && (!finished || state().finished)) return;
  has_failed_ = true;
  publish(finished);
  has_failed_ = false;
  pending_ = {};
}

void ManifestedOutput::publish(bool finished) {
  CommitEntry entry;
  entry.next_sequence = next_sequence_;
  entry.position = position_;
  entry.added = pending_;
  entry.finished = finished;
  entry.reject_bytes = rejects_.seal();
  entry.requeued_bytes = requeued_bytes_;
  sink_->seal(entry);
  manifest_.append(std::move(entry));
  last_commit_s_ = settings_.clock->now_s();
  sink_->committed();
}

std::uint64_t ManifestedOutput::memory_bound() const {
  return sink_->memory_bound() + GrowingFile::memory_bound;
}

}  // namespace

std::uint64_t sink_memory_bound(const std::string& sink, const Options& options, const Schema& results) {
  const auto& part = sink_part(sink);
  if (part.memory_bound == nullptr) return 0;
  return part.memory_bound(options, results) + GrowingFile::memory_bound;
}

void check_sink_options(const std::string& sink, const Options& options) {
  const auto& part = sink_part(sink);
  if (part.check_options != nullptr) part.check_options(options);
}

void check_sink_place(const std::string& sink, const std::string& path) {
  const auto places = places_of(sink_part(sink).is_folder, path);
  try {
    check_writable(places);
    check_place(places, true);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("sink.{}.path: {}", sink, error.what()));
  } catch (const std::filesystem::filesystem_error& error) {
    throw_errno(error.path1().string(), error.code().value());
  }
}

std::unique_ptr<Output> Output::open(const OutputSettings& settings) {
  const auto& part = sink_part(settings.sink);
  if (part.make == nullptr) return make_null_output();
  try {
    return std::make_unique<ManifestedOutput>(settings,
                                              places_of(part.is_folder, settings.options.text("path")));
  } catch (const std::filesystem::filesystem_error& error) {
    throw_errno(error.path1().string(), error.code().value());
  }
}

}  // namespace millrace
