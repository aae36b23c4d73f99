// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/pace.hpp"

#include <algorithm>

namespace millrace {
namespace {

// Scheduled times of the rows of one read.
class Schedule {
 public:
  explicit Schedule(const PaceSettings& settings, const DecodeOptions& decode) : settings_(settings) {
    if (settings.speed <= 0) return;
    const auto column = settings.schema.find(settings.time_column);
    time_ = settings.schema.columns.at(column.value());
    decoder_ = make_row_decoder(Schema{{time_}}, decode);
  }

  void stamp(std::vector<SourceRow>& rows) {
    if (settings_.speed > 0)
      stamp_by_time(rows);
    else
      for (auto& row : rows)
        row.scheduled_s = static_cast<double>(row.behind.row - 1) / settings_.arrival_rate;
  }

 private:
  void stamp_by_time(std::vector<SourceRow>& rows) {
    MessageBuilder builder;
    for (const auto& row : rows) builder.add_row(row.bytes);
    const auto block = builder.finish(0);
    Frame frame;
    decoder_->decode(MessageView(block), 1, frame);
    const auto& times = frame.columns[0];
    for (std::size_t i = 0; i < frame.rows() && !begun_; ++i) {
      begun_ = !times.is_missing(i);
      if (begun_) last_s_ = seconds(times.i64[i]);
    }
    std::size_t decoded = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool here = decoded < frame.rows() && frame.row_index[decoded] == i;
      if (here && !times.is_missing(decoded)) last_s_ = std::max(last_s_, seconds(times.i64[decoded]));
      if (here) ++decoded;
      rows[i].scheduled_s = last_s_;
    }
  }

  double seconds(std::int64_t time) const {
    return static_cast<double>(time) / static_cast<double>(ticks_per_second(time_.unit)) / settings_.speed;
  }

  PaceSettings settings_;
  ColumnInfo time_;
  std::unique_ptr<RowDecoder> decoder_;
  double last_s_ = 0;
  bool begun_ = false;
};

class PacedSource : public Source {
 public:
  PacedSource(std::unique_ptr<Source> source, const PaceSettings& settings, const Clock& clock)
      : source_(std::move(source)), clock_(clock), schedule_(settings, source_->decode_options()) {}

  DecodeOptions decode_options() const override { return source_->decode_options(); }
  std::vector<std::string> sample(std::size_t most) override { return source_->sample(most); }
  void resume(const SourcePosition& position) override { source_->resume(position); }
  std::vector<InputPart> parts() const override { return source_->parts(); }
  std::uint64_t total_bytes() const override { return source_->total_bytes(); }
  bool finished() const override { return next_ == ahead_.size() && source_->finished(); }
  double scheduled_now_s() const override { return read_s_; }

  void read(std::size_t most, std::vector<SourceRow>& rows) override {
    rows.clear();
    if (next_ == ahead_.size()) look_ahead();
    if (ahead_.empty()) return;
    if (!started_) {
      origin_s_ = clock_.now_s() - ahead_.front().scheduled_s;
      started_ = true;
    }
    read_s_ = clock_.now_s() - origin_s_;
    while (rows.size() < most && next_ < ahead_.size() && ahead_[next_].scheduled_s <= read_s_)
      rows.push_back(ahead_[next_++]);
  }

 private:
  static constexpr std::size_t look_ahead_rows = 1024;

  void look_ahead() {
    next_ = 0;
    source_->read(look_ahead_rows, ahead_);
    schedule_.stamp(ahead_);
  }

  std::unique_ptr<Source> source_;
  const Clock& clock_;
  Schedule schedule_;
  std::vector<SourceRow> ahead_;
  std::size_t next_ = 0;
  bool started_ = false;
  double origin_s_ = 0, read_s_ = 0;
};

}  // namespace

std::unique_ptr<Source> make_paced_source(std::unique_ptr<Source> source, const PaceSettings& settings,
                                          const Clock& clock) {
  return std::make_unique<PacedSource>(std::move(source), settings, clock);
}

}  // namespace millrace
