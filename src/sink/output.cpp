// SPDX-License-Identifier: Apache-2.0
#include "millrace/sink/output.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "millrace/base/error.hpp"
#include "millrace/sink/planned_output.hpp"
#include "sink/growing_file.hpp"
#include "sink/output_places.hpp"
#include "sink/rejects.hpp"
#include "sink/run_difference.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

class ManifestedOutput : public Output {
 public:
  ManifestedOutput(const OutputSettings& settings, OutputPlaces places);

  const std::optional<OutputState>& found() const override { return found_; }
  void begin(const OutputHeader& header, const std::vector<RecordedPart>& parts) override;
  void write(SinkMessage message) override;
  void tick() override;
  void commit(bool finished) override;
  const Totals& totals() const override { return totals_; }
  std::uint64_t rows_committed() const override { return manifest_.state().output.totals.rows_out; }
  SourcePosition committed_position() const override { return manifest_.state().output.position; }
  std::optional<double> last_commit_s() const override { return last_commit_s_; }
  bool has_failed() const override { return has_failed_; }
  std::uint64_t memory_bound() const override;

 private:
  void start_anew();
  [[noreturn]] void refuse(const std::vector<std::string>& lines) const;
  void check_usable(bool begun) const;
  void tick_sink();
  void publish(bool finished);

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
  double first_pending_s_ = 0;
  std::optional<double> last_commit_s_;
  bool is_begun_ = false, has_failed_ = false;
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
  rejects_.recover(manifest_.state().reject_bytes);
  if (manifest_.state().is_begun()) found_ = manifest_.state().output;
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
  const auto is_set = [&](const char* name) {
    return settings_.options.has(name) && settings_.options.boolean(name);
  };
  BeginEntry entry{settings_.sink, is_set("source_row"), is_set("keep_fits"), header, parts};
  sink_->check(header.result_schema, entry.source_row);
  if (!found_) {
    manifest_.append(std::move(entry));
  } else {
    const auto lines = differences(manifest_.state(), entry);
    if (!lines.empty()) refuse(lines);
    if (parts.size() > found_->parts.size()) manifest_.append(ResumeEntry{header.attributes, parts});
  }
  totals_ = manifest_.state().output.totals;
  next_sequence_ = manifest_.state().output.next_sequence;
  position_ = manifest_.state().output.position;
  sink_->begin(manifest_);
  is_begun_ = true;
}

void ManifestedOutput::refuse(const std::vector<std::string>& lines) const {
  auto text = places_.root.string() + " was made by another project:";
  for (const auto& line : lines) text += "\n  " + line;
  throw Error(ExitCode::project_refused, text + "\n--overwrite starts anew");
}

void ManifestedOutput::check_usable(bool begun) const {
  if (has_failed_) throw std::logic_error("an output that failed is used again");
  if (is_begun_ != begun) throw std::logic_error("an output is begun once, and before it is written to");
}

void ManifestedOutput::write(SinkMessage message) {
  check_usable(true);
  if (message.result.sequence != next_sequence_)
    throw std::logic_error(fmt::format("message {} comes to the sink in the place of {}",
                                       message.result.sequence, next_sequence_));
  if (pending_.messages == 0) first_pending_s_ = settings_.clock->now_s();
  const auto first_row = totals_.rows_in, first_result_row = totals_.rows_out;
  count_message(message, totals_);
  count_message(message, pending_);
  ++next_sequence_;
  position_ = message.behind;
  has_failed_ = true;
  append_rejects(message, rejects_.pending());
  rejects_.flush_if_large();
  sink_->write(message, first_row, first_result_row);
  has_failed_ = false;
  if (std::max(pending_.rows_out, pending_.messages) >= policy_.rows) commit(false);
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
  if (pending_.messages == 0 && (!finished || manifest_.state().output.finished)) return;
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
