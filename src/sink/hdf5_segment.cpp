// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"

namespace millrace {
namespace {

constexpr std::string_view prefix = "segment-", suffix = ".h5", part_suffix = ".part";
constexpr std::size_t most_pending_messages = 4096;
constexpr std::size_t provenance_chunk_rows = 8192;

Hdf5Group open_group(hid_t file, const char* name) {
  return {H5Gopen2(file, name, H5P_DEFAULT), name};
}

Hdf5Group create_ordered_group(hid_t file, const char* name) {
  Hdf5Properties properties(H5Pcreate(H5P_GROUP_CREATE), name);
  check_hdf5(H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), name);
  return {H5Gcreate2(file, name, H5P_DEFAULT, properties, H5P_DEFAULT), name};
}

ChunkSettings provenance_chunks(ChunkSettings settings) {
  settings.rows = std::min(settings.rows, provenance_chunk_rows);
  return settings;
}

std::int64_t microseconds(double seconds) {
  return std::llround(seconds * 1e6);
}

}  // namespace

std::string segment_name(std::uint64_t number) {
  return fmt::format("{}{:08}{}", prefix, number, suffix);
}

bool is_segment_name(const std::string& name) {
  std::string_view rest = name;
  if (!rest.starts_with(prefix)) return false;
  rest.remove_prefix(prefix.size());
  const auto digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  rest.remove_prefix(digits);
  if (digits < 8 || !rest.starts_with(suffix)) return false;
  rest.remove_prefix(suffix.size());
  return rest.empty() || rest == part_suffix;
}

SegmentWriter::SegmentWriter(Path folder, TableLayout layout, ChunkSettings settings, bool keep_fits)
    : folder_(std::move(folder)),
      rows_(std::move(layout), settings),
      messages_(provenance_layout(), provenance_chunks(settings)),
      pending_messages_(provenance_layout().schema) {
  if (keep_fits) fits_.emplace(fits_layout(), settings);
}

SegmentWriter::~SegmentWriter() = default;

void SegmentWriter::start(const SegmentRecord& record) {
  record_ = record;
  file_ = std::make_unique<Hdf5OutFile>(folder_ / (segment_name(record.number) + std::string(part_suffix)));
  write_attribute(file_->id(), "Conventions", std::string("CF-1.8"));
  write_attribute(file_->id(), "first_row", static_cast<std::int64_t>(record.first_row));
  write_attribute(file_->id(), "first_sequence", static_cast<std::int64_t>(record.first_sequence));
  provenance_ = create_ordered_group(file_->id(), "provenance");
  rows_.start(file_->id(), file_->writes());
  messages_.start(provenance_, file_->writes());
  if (!fits_) return;
  fits_group_ = create_ordered_group(file_->id(), "fits");
  fits_->start(fits_group_, file_->writes());
}

// HDF5 does not learn of failed writes, so whatever it then complains of is ours to explain.
template <class Step>
void SegmentWriter::guarded(const Step& step) {
  try {
    step();
  } catch (const Error&) {
    file_->check();
    throw;
  }
  file_->check();
}

void SegmentWriter::append_rows(const Frame& frame) {
  guarded([&] { rows_.append(frame); });
}

void SegmentWriter::append_message(const MessageRecord& message) {
  auto& columns = pending_messages_.columns;
  const auto add = [&](Provenance column, std::int64_t value) {
    columns[static_cast<std::size_t>(column)].i64.push_back(value);
  };
  add(Provenance::sequence, message.sequence);
  add(Provenance::rows_in, message.rows_in);
  add(Provenance::rows_out, message.rows_out);
  add(Provenance::rows_rejected, message.rows_rejected);
  add(Provenance::first_row, message.first_row);
  add(Provenance::first_arrival, microseconds(message.first_arrival_unix_s));
  add(Provenance::last_arrival, microseconds(message.last_arrival_unix_s));
  columns[static_cast<std::size_t>(Provenance::service_s)].f64.push_back(message.service_s);
  add(Provenance::worker, message.worker);
  add(Provenance::requeue, message.requeue);
  pending_messages_.row_index.push_back(static_cast<std::uint32_t>(pending_messages_.rows()));
  if (pending_messages_.rows() >= most_pending_messages) flush_messages();
}

void SegmentWriter::flush_messages() {
  messages_.append(pending_messages_);
  pending_messages_.keep_rows({});
}

void SegmentWriter::append_provenance(const Frame& messages) {
  guarded([&] { messages_.append(messages); });
}

void SegmentWriter::append_fits(const Frame& fits) {
  guarded([&] { fits_->append(fits); });
}

std::uint64_t SegmentWriter::memory_bound() const {
  return rows_.memory_bound() + messages_.memory_bound() + (fits_ ? fits_->memory_bound() : 0);
}

SegmentRecord SegmentWriter::finish() {
  const Path path = folder_ / segment_name(record_.number);
  const Path part = path.string() + std::string(part_suffix);
  reach_step("segment write");
  guarded([&] {
    flush_messages();
    rows_.finish();
    messages_.finish();
    if (fits_) fits_->finish();
    provenance_.close();
    fits_group_.close();
  });
  reach_step("segment sync");
  file_->finish();
  record_.rows = rows_.rows();
  record_.messages = messages_.rows();
  record_.fits = fits_ ? fits_->rows() : 0;
  record_.valid_columns = rows_.valid_columns();
  record_.bytes = std::filesystem::file_size(part);
  record_.crc64 = file_->crc64();
  file_.reset();
  reach_step("segment rename");
  rename_durably(part, path);
  reach_step("segment renamed");
  return record_;
}

SegmentReader::SegmentReader(const Path& folder, const SegmentRecord& record, const TableLayout& layout)
    : file_(open_hdf5(folder / segment_name(record.number))),
      provenance_(open_group(file_, "provenance")),
      rows_(file_, layout),
      messages_(provenance_, provenance_layout()) {
  if (H5Lexists(file_, "fits", H5P_DEFAULT) <= 0) return;
  fits_group_ = open_group(file_, "fits");
  fits_.emplace(fits_group_, fits_layout());
}

}  // namespace millrace
