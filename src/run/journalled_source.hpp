// SPDX-License-Identifier: Apache-2.0
// A live source as the feeder sees it: what the broker delivers goes into the journal, and the rows are read
// from there, so that they come again after a crash, cut into the same messages.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "millrace/codec/payload.hpp"
#include "millrace/journal/journal.hpp"
#include "millrace/run/buffer.hpp"
#include "millrace/run/report.hpp"
#include "millrace/source/live_source.hpp"
#include "millrace/source/source.hpp"

namespace millrace {

class Intake;

// In its positions `byte` is the number of payloads before it. One thread, where nothing else is said.
class JournalledSource : public Source {
 public:
  JournalledSource(std::unique_ptr<LiveSource> live, JournalSettings settings);
  // Keeps the session. Blocked for good inside keep(): the client is left as it is, since whatever returned
  // from there would acknowledge what was not kept.
  ~JournalledSource() override;

  // Opens the journal and begins to receive. A new output (no `committed`) takes all that the journal holds.
  void open(const std::optional<SourcePosition>& committed);
  bool is_open() const { return intake_ != nullptr; }
  void resume(const SourcePosition& position) override { open(position); }

  DecodeOptions decode_options() const override { return live_->decode_options(); }
  // Waits for the first rows, until they are `most` or none has come for a second, or until the run is to
  // end. Throws Error where that is before the first row: stopped_early (asked to drain, time is up), done
  // (quiet), source_refused, and project_refused (payloads came, and not a row).
  std::vector<std::string> sample(std::size_t most) override;
  // Of one payload at a time. Throws what made keep() fail, and Error (source_refused).
  void read(std::size_t most, std::vector<SourceRow>& rows) override;
  bool finished() const override;
  std::vector<InputPart> parts() const override;
  std::uint64_t total_bytes() const override { return 0; }
  double scheduled_now_s() const override;

  // The input counts as finished once all was read and nothing has come for this long.
  void end_when_quiet_for(double seconds) { quiet_s_ = seconds; }
  // sample() waits no longer than this behind open(); 0: no limit.
  void limit_sample(double seconds) { most_sample_s_ = seconds; }
  double opened_s() const { return opened_s_; }  // by the monotonic clock
  // To be called before the message is dispatched: a recovery cuts it again.
  void cut(const CutMessage& message);
  // From any thread: the sink has committed.
  void committed(const SourcePosition& position);
  // To be called often. Disconnects while the journal is above its high mark. True: whatever is read should
  // be committed soon.
  bool regulate();
  void stop_receiving();
  // Payloads that the journal holds and that read() has not given yet.
  std::uint64_t unread() const;
  IntakeCounts counts() const;
  // A larger payload is refused; it stands in its message all the same, with all its bytes.
  std::uint64_t largest_payload_bytes() const { return payload_options_.max_bytes; }
  std::uint64_t most_held_bytes() const;

 private:
  bool is_run_over();
  bool is_sampling_late() const;
  [[noreturn]] void end_without_row(std::uint64_t payloads) const;
  bool has_been_quiet() const;
  void plan_cuts(JournalPosition from);
  bool begin_payload();
  SourceRow take_row();
  void place_cuts();

  std::unique_ptr<LiveSource> live_;
  JournalSettings settings_;
  PayloadOptions payload_options_;
  std::shared_ptr<Intake> intake_;
  std::unique_ptr<PayloadReader> payloads_;
  std::unique_ptr<JournalReader> reader_;
  JournalPayload payload_;
  const PayloadRows* found_ = nullptr;  // in payload_
  std::string_view refusal_;            // of it
  std::size_t next_row_ = 0, row_count_ = 0;
  bool begins_message_ = false;
  Cut cut_behind_payload_ = Cut::may;
  SourcePosition position_;
  std::deque<std::uint64_t> planned_;  // ends of messages that an earlier run has cut
  std::uint64_t cut_behind_ = 0, planned_end_ = 0;
  double begin_unix_s_ = 0, last_arrival_s_ = 0, quiet_s_ = 0;
  double opened_s_ = 0, most_sample_s_ = 0;
  double deaf_s_ = -1e300;  // when it was last seen not to receive: a silence before that says nothing
  bool is_paused_ = false, is_at_end_ = false;
};

}  // namespace millrace
