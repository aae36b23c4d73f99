// SPDX-License-Identifier: Apache-2.0
#include "run/journalled_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/drain.hpp"
#include "run/intake.hpp"

namespace millrace {
namespace {

constexpr double sample_wait_s = 1.0;
constexpr auto sample_poll = std::chrono::milliseconds(5);

}  // namespace

JournalledSource::JournalledSource(std::unique_ptr<LiveSource> live, JournalSettings settings)
    : live_(std::move(live)),
      settings_(std::move(settings)),
      payload_options_(live_->payload_options()),
      payloads_(make_payload_reader(payload_options_)) {}

JournalledSource::~JournalledSource() {
  if (!intake_) return;
  if (intake_->is_blocked())
    static_cast<void>(live_.release());
  else
    live_->stop();
}

void JournalledSource::open(const std::optional<SourcePosition>& committed) {
  const JournalPosition from{committed ? committed->byte : 0};
  auto journal = Journal::open(settings_, from);
  if (committed) position_ = *committed;
  position_.byte = position_.line = std::max(from, journal->begin()).payload;
  if (!committed && journal->end() > journal->begin())
    log_info(fmt::format("{}: holds {} payloads that were received before; they come first",
                         settings_.folder.string(), journal->end().payload - journal->begin().payload));
  intake_ = std::make_shared<Intake>(std::move(journal));
  const JournalPosition position{position_.byte};
  plan_cuts(position);
  reader_ = intake_->journal().read(position);
  begin_unix_s_ = system_clock().unix_s();
  opened_s_ = system_clock().now_s();
  live_->start(
      {[intake = intake_](const Delivery& delivery) { intake->keep(delivery); },
       [intake = intake_] { intake->begin_session(); }, [intake = intake_] { intake->resume_session(); }},
      settings_.folder / "session");
}

void JournalledSource::plan_cuts(JournalPosition from) {
  JournalBoundary boundary;
  for (auto boundaries = intake_->journal().read(from); boundaries->next(boundary);)
    planned_.push_back(boundary.behind.payload);
  cut_behind_ = from.payload;
  planned_end_ = planned_.empty() ? from.payload : planned_.back();
}

std::vector<std::string> JournalledSource::sample(std::size_t most) {
  std::vector<std::string> rows;
  std::uint64_t payloads = 0;
  const auto reader = intake_->journal().read({position_.byte});
  JournalPayload payload;
  for (auto last_s = system_clock().now_s(); rows.size() < most;) {
    const bool is_over = is_run_over();  // and then: all that had come before is read
    intake_->check();
    if (intake_->next(*reader, payload)) {
      ++payloads;
      const auto& found = payloads_->read(payload.delivery.payload, payload.delivery.topic);
      for (const auto row : found.rows) rows.emplace_back(row);
      last_s = system_clock().now_s();
      continue;
    }
    if (is_over && rows.empty()) end_without_row(payloads);
    if (is_over || (!rows.empty() && system_clock().now_s() >= last_s + sample_wait_s)) break;
    std::this_thread::sleep_for(sample_poll);
  }
  return rows;
}

// Also where the journal is full, since nothing leaves it meanwhile.
bool JournalledSource::is_run_over() {
  return regulate() || drain_requests() > 0 || is_sampling_late() || has_been_quiet() ||
         live_->status().state == LiveState::refused;
}

bool JournalledSource::is_sampling_late() const {
  return most_sample_s_ > 0 && system_clock().now_s() >= opened_s_ + most_sample_s_;
}

void JournalledSource::end_without_row(std::uint64_t payloads) const {
  const auto status = live_->status();
  if (status.state == LiveState::refused) throw Error(ExitCode::source_refused, status.refusal);
  if (drain_requests() > 0) throw Error(ExitCode::stopped_early, "stopped before the first row came");
  if (is_sampling_late()) throw Error(ExitCode::stopped_early, "max_seconds are over, and no row has come");
  if (payloads == 0) throw Error(ExitCode::done, fmt::format("no row has come within {:g} s", quiet_s_));
  throw Error(ExitCode::project_refused,
              fmt::format("schema: no row in any of the first {} payloads, so nothing can be inferred; check "
                          "the source's format, or declare the schema",
                          payloads));
}

void JournalledSource::read(std::size_t most, std::vector<SourceRow>& rows) {
  rows.clear();
  intake_->check();
  if (next_row_ == row_count_ && !begin_payload()) return;
  while (next_row_ < row_count_ && rows.size() < most) rows.push_back(take_row());
}

bool JournalledSource::begin_payload() {
  is_at_end_ = !intake_->next(*reader_, payload_);
  if (is_at_end_) {
    const auto status = live_->status();
    if (status.state == LiveState::refused) throw Error(ExitCode::source_refused, status.refusal);
    return false;
  }
  const auto& delivery = payload_.delivery;
  found_ = &payloads_->read(delivery.payload, delivery.topic);
  refusal_ = reason_to_quarantine(*found_);
  next_row_ = 0;
  row_count_ = refusal_.empty() ? found_->rows.size() : 1;
  last_arrival_s_ = std::max(last_arrival_s_, delivery.arrival_unix_s - begin_unix_s_);
  position_.byte = position_.line = payload_.behind.payload;
  place_cuts();
  return true;
}

SourceRow JournalledSource::take_row() {
  const auto& delivery = payload_.delivery;
  SourceRow row{};
  row.bytes = refusal_.empty() ? found_->rows[next_row_] : delivery.payload;
  row.refusal = refusal_;
  row.is_payload = !refusal_.empty();
  row.topic = delivery.topic;
  row.line = position_.line;
  row.scheduled_s = last_arrival_s_;
  row.arrival_unix_s = delivery.arrival_unix_s;
  if (next_row_ == 0) {
    row.begins_message = begins_message_;
    for (const auto bytes : found_->rows) row.payload_bytes += bytes.size();
  }
  ++position_.row;
  row.behind = position_;
  row.cut = ++next_row_ == row_count_ ? cut_behind_payload_ : Cut::must_not;
  return row;
}

// A message that an earlier run has cut is cut again, whatever became of its payloads; behind those the
// limits count, and a packed payload is a message.
void JournalledSource::place_cuts() {
  begins_message_ = false;
  while (!planned_.empty() && planned_.front() < payload_.behind.payload) {
    planned_.pop_front();
    begins_message_ = true;
  }
  if (!planned_.empty()) {
    cut_behind_payload_ = planned_.front() == payload_.behind.payload ? Cut::must : Cut::must_not;
  } else if (payload_options_.form == PayloadForm::packed) {
    begins_message_ = true;
    cut_behind_payload_ = Cut::must;
  } else {
    cut_behind_payload_ = Cut::may;
  }
}

bool JournalledSource::finished() const {
  return is_at_end_ && has_been_quiet() && unread() == 0;
}

bool JournalledSource::has_been_quiet() const {
  if (quiet_s_ <= 0) return false;
  const auto status = live_->status();
  const auto silent_since_s = std::max(status.last_delivery_s, deaf_s_);
  return status.state == LiveState::receiving && system_clock().now_s() - silent_since_s >= quiet_s_;
}

std::vector<InputPart> JournalledSource::parts() const {
  return {{"mqtt", 0, ""}};
}

double JournalledSource::scheduled_now_s() const {
  return system_clock().unix_s() - begin_unix_s_;
}

void JournalledSource::cut(const CutMessage& message) {
  const auto behind = message.behind.byte;
  const auto begin = std::max(cut_behind_, planned_end_);
  if (behind > begin)
    intake_->append(JournalBoundary{message.sequence, {behind}, behind - begin, message.rows});
  cut_behind_ = behind;
}

void JournalledSource::committed(const SourcePosition& position) {
  intake_->trim({position.byte});
}

bool JournalledSource::regulate() {
  intake_->check();  // blocked by a failure is not blocked for want of room
  const auto& journal = intake_->journal();
  if (live_->status().state != LiveState::receiving) deaf_s_ = system_clock().now_s();
  if (!is_paused_ && (journal.is_above_high_mark() || intake_->is_blocked())) {
    log_warning(
        fmt::format("the journal holds {} MB, three quarters of journal_max_bytes: disconnects until "
                    "half of it is free; the broker keeps what comes meanwhile",
                    journal.bytes() / 1000000));
    live_->pause();
    is_paused_ = true;
  } else if (is_paused_ && journal.is_below_low_mark() && !intake_->is_blocked()) {
    log_info("there is room in the journal again: connects");
    live_->resume();
    is_paused_ = false;
  }
  return is_paused_;
}

void JournalledSource::stop_receiving() {
  live_->pause();
}

// Payloads as they come: two in the client, one on its way into the journal and one that is read from there;
// then what is unpacked of that, which grows by half, its text before, and its rows with their topics; and
// where each of those rows stands, twice while that grows.
std::uint64_t JournalledSource::most_held_bytes() const {
  constexpr std::uint64_t payloads = 8, least_row_bytes = 3;
  const std::uint64_t rows =
      std::min<std::uint64_t>(payload_options_.max_rows, payload_options_.max_bytes / least_row_bytes);
  return payloads * largest_payload_bytes() + 2 * rows * sizeof(std::string_view);
}

std::uint64_t JournalledSource::unread() const {
  return intake_->journal().end().payload - position_.byte;
}

IntakeCounts JournalledSource::counts() const {
  const auto status = live_->status();
  return {status.deliveries, intake_->redeliveries(), status.reconnects, unread(), intake_->receiving_s()};
}

}  // namespace millrace
