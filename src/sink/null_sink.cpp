// SPDX-License-Identifier: Apache-2.0
// The null sink: counts and keeps nothing.
#include <stdexcept>

#include "sink/sink.hpp"

namespace millrace {
namespace {

class NullOutput : public Output {
 public:
  const std::optional<OutputState>& found() const override { return nothing_; }
  void begin(const OutputHeader& header, const std::vector<RecordedPart>&) override {
    stages_ = header.stages;
  }
  void begin_requeue(const RequeueHeader&) override {
    throw std::logic_error("the null sink keeps no quarantined rows that could be put back");
  }
  void write(SinkMessage& message) override {
    count_message(message, totals_);
    position_ = message.behind;
  }
  void tick() override {}
  void commit(bool) override { rows_committed_ = totals_.rows_out; }
  const Totals& totals() const override { return totals_; }
  const std::vector<std::string>& stages() const override { return stages_; }
  std::uint64_t rows_committed() const override { return rows_committed_; }
  SourcePosition committed_position() const override { return position_; }
  std::optional<double> last_commit_s() const override { return std::nullopt; }
  bool has_failed() const override { return false; }
  std::uint64_t memory_bound() const override { return 0; }

 private:
  std::optional<OutputState> nothing_;
  Totals totals_;
  std::vector<std::string> stages_;
  SourcePosition position_;
  std::uint64_t rows_committed_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_null_output() {
  return std::make_unique<NullOutput>();
}

}  // namespace millrace
