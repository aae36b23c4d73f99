// SPDX-License-Identifier: Apache-2.0
// The hdf5 sink: segments, the view over them, and their merging.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/base/step.hpp"
#include "sink/hdf5_merge.hpp"
#include "sink/hdf5_segment.hpp"
#include "sink/hdf5_view.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

constexpr std::uint64_t most_chunk_bytes = 16u << 20;
constexpr std::size_t most_chunk_rows = 8192, least_chunk_rows = 1024;
constexpr std::uint64_t hdf5_bytes = 8u << 20;  // its own caches

std::size_t automatic_chunk_rows(const Schema& schema) {
  auto rows = most_chunk_rows;
  while (rows > least_chunk_rows && rows * row_bytes(schema) > most_chunk_bytes) rows /= 2;
  return rows;
}

int deflate_level(const std::string& compression) {
  return compression == "none" ? 0 : compression.back() - '0';
}

ChunkSettings chunk_settings(const Options& options, const Schema& schema) {
  const auto rows = static_cast<std::size_t>(options.integer("chunk_rows"));
  return {rows == 0 ? automatic_chunk_rows(schema) : rows, deflate_level(options.text("compression")),
          static_cast<int>(options.integer("compression_threads"))};
}

// Twice: a merge reads a chunk of rows while it writes one.
std::uint64_t memory_bound_of(const SegmentWriter& writer) {
  return 2 * writer.memory_bound() + hdf5_bytes;
}

void check_results(const Schema& results, bool source_row) {
  if (results.columns.empty())
    throw Error(ExitCode::project_refused, "sink.hdf5: the chain's result has no columns to store");
  stored_schema(results, source_row);
}

class Hdf5Sink : public Sink {
 public:
  Hdf5Sink(const OutputSettings& settings, const OutputPlaces& places)
      : settings_(settings), folder_(places.root), segments_(places.root / "segments") {}
  ~Hdf5Sink() override;

  void recover(Manifest& manifest) override;
  void remove_all() override;
  void check(const Schema& results, bool source_row) const override;
  void begin(Manifest& manifest) override;
  void write(SinkMessage& message, std::uint64_t first_row, std::uint64_t first_result_row) override;
  void seal(CommitEntry& entry) override;
  void committed() override;
  void tick() override;
  std::uint64_t memory_bound() const override;

 private:
  void remove_segments(const std::set<std::string>& except);
  void check_segments(const ManifestState& state) const;
  void start_segment(const Result& first, std::uint64_t first_result_row);
  void use_output_codes(Frame& frame);
  void write_fits(const Result& result);
  void add_source_rows(SinkMessage& message, std::uint64_t first_row) const;
  void merge_small_segments();
  void leave_in_order();

  OutputSettings settings_;
  Path folder_, segments_;
  TableLayout layout_;
  Manifest* manifest_ = nullptr;
  std::unique_ptr<SegmentWriter> writer_;
  std::unique_ptr<ResultsView> view_;
  ReplacedSegments replaced_;
  std::vector<std::int32_t> output_code_;  // of a message's labels; -1: not looked up
};

Hdf5Sink::~Hdf5Sink() {
  const Hdf5Silence silence;
  writer_.reset();
  try {
    leave_in_order();
  } catch (const Error& error) {
    log_warning(error.what());  // the next start makes up for it
  }
}

void Hdf5Sink::leave_in_order() {
  if (view_) view_->refresh({manifest_->state(), manifest_->entries()});
  replaced_.remove_all();
}

void Hdf5Sink::remove_segments(const std::set<std::string>& except) {
  if (!std::filesystem::is_directory(segments_)) return;
  std::vector<Path> doomed;
  for (const auto& entry : std::filesystem::directory_iterator(segments_)) {
    const auto name = entry.path().filename().string();
    if (is_segment_name(name) && !except.contains(name)) doomed.push_back(entry.path());
  }
  for (const auto& path : doomed) std::filesystem::remove(path);
}

void Hdf5Sink::check_segments(const ManifestState& state) const {
  for (const auto& segment : state.segments) {
    const auto path = segments_ / segment_name(segment.number);
    std::error_code missing;
    const auto size = std::filesystem::file_size(path, missing);
    if (missing || size != segment.bytes)
      throw Error(ExitCode::failed,
                  fmt::format("{}: {}: restore it, or start anew with --overwrite", path.string(),
                              missing ? "was committed and is gone"
                                      : fmt::format("has {} bytes of {}", size, segment.bytes)));
  }
}

// The view comes before the removal: what it shows must be there at any moment.
void Hdf5Sink::recover(Manifest& manifest) {
  const Hdf5Silence silence;
  const auto& state = manifest.state();
  check_segments(state);
  if (state.is_begun()) {
    layout_ = results_layout(stored_schema(state.output.header.result_schema, state.source_row));
    ResultsView(folder_, layout_, *settings_.clock).refresh({state, manifest.entries()});
  }
  std::set<std::string> listed;
  for (const auto& segment : state.segments) listed.insert(segment_name(segment.number));
  remove_segments(listed);
  std::filesystem::remove(folder_ / "results.h5.part");
  std::filesystem::create_directories(segments_);
  sync_path(folder_);
}

void Hdf5Sink::remove_all() {
  remove_segments({});
  std::filesystem::remove(folder_ / "results.h5");
  std::filesystem::remove(folder_ / "results.h5.part");
}

void Hdf5Sink::check(const Schema& results, bool source_row) const {
  check_results(results, source_row);
}

void Hdf5Sink::begin(Manifest& manifest) {
  const Hdf5Silence silence;
  manifest_ = &manifest;
  const auto& state = manifest.state();
  layout_ = results_layout(stored_schema(state.output.header.result_schema, state.source_row));
  writer_ = std::make_unique<SegmentWriter>(
      segments_, layout_, chunk_settings(settings_.options, layout_.schema), state.keep_fits);
  view_ = std::make_unique<ResultsView>(folder_, layout_, *settings_.clock);
  view_->refresh({state, manifest.entries()});
}

void Hdf5Sink::start_segment(const Result& first, std::uint64_t first_result_row) {
  const auto& segments = manifest_->state().segments;
  SegmentRecord record;
  record.number = manifest_->state().next_segment;
  if (!segments.empty()) record.first_fit = segments.back().first_fit + segments.back().fits;
  record.first_sequence = first.sequence;
  record.first_row = first_result_row;
  writer_->start(record);
}

void Hdf5Sink::write(SinkMessage& message, std::uint64_t first_row, std::uint64_t first_result_row) {
  const Hdf5Silence silence;
  auto& result = message.result;
  if (!writer_->is_started()) start_segment(result, first_result_row);
  use_output_codes(result.frame);
  if (manifest_->state().source_row) add_source_rows(message, first_row);
  const auto signed_of = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  writer_->append_message(
      {signed_of(result.sequence), signed_of(result.rows_in), signed_of(result.frame.rows()),
       signed_of(result.rejects.size()), signed_of(first_result_row), message.first_arrival_unix_s,
       message.last_arrival_unix_s, result.service_s, result.worker, signed_of(message.requeue)});
  writer_->append_rows(result.frame);
  if (manifest_->state().keep_fits) write_fits(result);
}

void Hdf5Sink::write_fits(const Result& result) {
  Frame fits(fits_layout().schema);
  const auto column = [&](FitColumn name) -> Column& { return fits.columns[static_cast<std::size_t>(name)]; };
  for (const auto& fit : result.fits) {
    const auto count = column(FitColumn::value).f64.size() + fit.values.size();
    column(FitColumn::name).codes.resize(count, manifest_->fit_names().code_of(fit.name));
    column(FitColumn::sequence).i64.resize(count, static_cast<std::int64_t>(result.sequence));
    for (const auto value : fit.values) column(FitColumn::value).f64.push_back(value);
  }
  fits.row_index.resize(column(FitColumn::value).f64.size());
  writer_->append_fits(fits);
}

// In the order of rows, so that labels are numbered by first appearance, and only those that a row uses.
void Hdf5Sink::use_output_codes(Frame& frame) {
  for (std::size_t index = 0; index < frame.columns.size(); ++index) {
    auto& column = frame.columns[index];
    if (!has_labels(column.info)) continue;
    auto& table = manifest_->label_tables()[index];
    output_code_.assign(std::max<std::size_t>(column.labels.size(), 1), -1);
    output_code_[0] = 0;
    for (auto& code : column.codes) {
      auto& output_code = output_code_[static_cast<std::size_t>(code)];
      if (output_code < 0) output_code = table.code_of(column.labels[static_cast<std::size_t>(code)]);
      code = output_code;
    }
  }
}

void Hdf5Sink::add_source_rows(SinkMessage& message, std::uint64_t first_row) const {
  auto& frame = message.result.frame;
  auto& column = frame.columns.emplace_back(layout_.schema.columns.back());
  column.resize(frame.rows());
  for (std::size_t row = 0; row < frame.rows(); ++row)
    column.i64[row] = static_cast<std::int64_t>(input_row(message, first_row, frame.row_index[row]));
}

void Hdf5Sink::seal(CommitEntry& entry) {
  const Hdf5Silence silence;
  if (writer_->is_started()) entry.segment = writer_->finish();
  const auto& tables = manifest_->label_tables();
  for (std::uint32_t column = 0; column < tables.size(); ++column)
    if (tables[column].size() > tables[column].committed())
      entry.new_labels[column] = tables[column].new_labels();
  entry.new_fit_names = manifest_->fit_names().new_labels();
}

void Hdf5Sink::committed() {
  const Hdf5Silence silence;
  merge_small_segments();
  const auto now_s = settings_.clock->now_s();
  const bool finished = manifest_->state().output.finished;
  if (finished || replaced_.has_older_than(now_s))
    view_->refresh({manifest_->state(), manifest_->entries()});
  else
    view_->refresh_if_cheap({manifest_->state(), manifest_->entries()});
  replaced_.remove_older_than(now_s);
  if (finished) replaced_.remove_all();
}

void Hdf5Sink::tick() {
  if (!view_->is_behind()) return;
  const Hdf5Silence silence;
  view_->refresh_if_cheap({manifest_->state(), manifest_->entries()});
}

void Hdf5Sink::merge_small_segments() {
  const auto segment_rows = static_cast<std::uint64_t>(settings_.options.integer("segment_rows"));
  while (auto entry = merge_neighbours({segments_, layout_, manifest_->state(), segment_rows}, *writer_)) {
    reach_step("merge written");
    for (const auto number : entry->replaced)
      replaced_.add(segments_ / segment_name(number), settings_.clock->now_s());
    manifest_->append(std::move(*entry));
    reach_step("merged");
  }
}

std::uint64_t Hdf5Sink::memory_bound() const {
  std::uint64_t labels = 0;
  if (manifest_ != nullptr)
    for (const auto& table : manifest_->label_tables()) labels += table.bytes();
  return labels + (writer_ ? memory_bound_of(*writer_) : 4 * most_chunk_bytes + hdf5_bytes);
}

}  // namespace

std::uint64_t hdf5_memory_bound(const Options& options, const Schema& results) {
  const bool source_row = options.boolean("source_row");
  check_results(results, source_row);
  const auto layout = results_layout(stored_schema(results, source_row));
  const auto chunks = chunk_settings(options, layout.schema);
  return memory_bound_of(SegmentWriter({}, layout, chunks, options.boolean("keep_fits")));
}

std::unique_ptr<Sink> make_hdf5_sink(const OutputSettings& settings, const OutputPlaces& places) {
  return std::make_unique<Hdf5Sink>(settings, places);
}

}  // namespace millrace
