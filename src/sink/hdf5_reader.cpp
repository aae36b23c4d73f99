// SPDX-License-Identifier: Apache-2.0
// Reads an output of the hdf5 sink.
#include <algorithm>

#include "millrace/base/error.hpp"
#include "sink/digest.hpp"
#include "sink/hdf5_segment.hpp"
#include "sink/hdf5_verify.hpp"
#include "sink/hdf5_view.hpp"
#include "sink/output_reader.hpp"
#include "sink/run_difference.hpp"

namespace millrace {
namespace {

template <class T>
void append(const RawVector<T>& from, RawVector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_column(const Column& from, std::size_t rows_before, std::size_t rows, Column& to) {
  if (!from.valid.empty() && to.valid.empty()) to.valid.resize(rows_before, 1);
  if (from.valid.empty() && !to.valid.empty())
    to.valid.resize(to.valid.size() + rows, 1);
  else
    append(from.valid, to.valid);
  append(from.f64, to.f64);
  append(from.i64, to.i64);
  append(from.u8, to.u8);
  append(from.codes, to.codes);
  append(from.fixed, to.fixed);
}

void append_frame(const Frame& from, Frame& to) {
  const auto before = to.rows();
  for (std::size_t column = 0; column < to.columns.size(); ++column)
    append_column(from.columns[column], before, from.rows(), to.columns[column]);
  for (std::size_t row = 0; row < from.rows(); ++row)
    to.row_index.push_back(static_cast<std::uint32_t>(before + row));
}

class Hdf5Reader : public OutputReader {
 public:
  Hdf5Reader(OutputPlaces places, ManifestLog log)
      : places_(std::move(places)),
        log_(std::move(log)),
        layout_(results_layout(stored_schema(state().header.result_schema, log_.state.source_row))) {}

  const OutputState& state() const override { return log_.state.output; }
  std::string sink() const override { return log_.state.sink; }
  std::string path() const override { return places_.root.string(); }
  std::vector<std::string> requeue_differences(const OutputSettings& settings,
                                               const RequeueHeader& header) const override {
    return millrace::requeue_differences(log_.state, settings, header);
  }
  std::uint64_t segments() const override { return log_.state.segments.size(); }
  std::uint64_t bytes() const override;
  Frame rows(std::uint64_t first, std::uint64_t most) override;
  std::vector<std::string> verify() override;
  std::string digest() override;

 private:
  const SegmentReader& segment(std::size_t index);
  Path folder() const { return places_.root / "segments"; }

  OutputPlaces places_;
  ManifestLog log_;
  TableLayout layout_;
  std::unique_ptr<SegmentReader> open_segment_;
  std::size_t open_index_ = 0;
};

std::uint64_t Hdf5Reader::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& record : log_.state.segments) sum += record.bytes;
  return sum;
}

const SegmentReader& Hdf5Reader::segment(std::size_t index) {
  if (!open_segment_ || open_index_ != index) {
    open_segment_ = std::make_unique<SegmentReader>(folder(), log_.state.segments[index], layout_);
    open_index_ = index;
  }
  return *open_segment_;
}

Frame Hdf5Reader::rows(std::uint64_t first, std::uint64_t most) {
  const Hdf5Silence silence;
  Frame frame(layout_.schema);
  const auto& records = log_.state.segments;
  for (std::size_t index = 0; index < records.size() && most > 0; ++index) {
    const auto end = records[index].first_row + records[index].rows;
    if (end <= first) continue;
    const auto count = std::min(most, end - first);
    append_frame(segment(index).rows().read(first - records[index].first_row, count), frame);
    first += count;
    most -= count;
  }
  for (std::size_t column = 0; column < log_.state.labels.size(); ++column)
    if (has_labels(layout_.schema.columns[column]))
      frame.columns[column].labels = log_.state.labels[column].committed_labels();
  return frame;
}

std::vector<std::string> Hdf5Reader::verify() {
  const Hdf5Silence silence;
  auto lines = check_segments(folder(), layout_, log_.state);
  for (auto& line : check_view(places_.root, layout_, {log_.state, log_.next_number}))
    lines.push_back(std::move(line));
  check_length(places_.rejects, log_.state.output.reject_bytes, lines);
  return lines;
}

std::string Hdf5Reader::digest() {
  const Hdf5Silence silence;
  ResultDigest digest(layout_.schema);
  const auto all = state().totals.rows_out;
  for (std::uint64_t row = 0; row < all; row += ResultDigest::block_rows)
    digest.add_rows(rows(row, ResultDigest::block_rows));
  for (std::size_t index = 0; index < log_.state.segments.size(); ++index) {
    const auto& messages = segment(index).messages();
    for (std::uint64_t row = 0; row < messages.rows(); row += ResultDigest::block_rows)
      digest.add_messages(
          messages.read(row, std::min<std::uint64_t>(ResultDigest::block_rows, messages.rows() - row)));
  }
  return digest.hex();
}

}  // namespace

std::unique_ptr<OutputReader> make_hdf5_reader(const OutputPlaces& places, ManifestLog log) {
  return std::make_unique<Hdf5Reader>(places, std::move(log));
}

}  // namespace millrace
