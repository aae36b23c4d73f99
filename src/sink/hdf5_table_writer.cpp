// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_table_writer.hpp"

#include <algorithm>
#include <cstring>

#include "millrace/codec/chunk_codec.hpp"

namespace millrace {
namespace {

// Smaller ones are stored as they are: a deflate stream and a chunk index would only make them larger.
constexpr std::size_t least_bytes_to_pack = 512;

const std::byte* bytes_of(const Column& column, std::size_t row) {
  switch (column.info.type) {
    case Type::float64:
      return reinterpret_cast<const std::byte*>(column.f64.data() + row);
    case Type::int64:
    case Type::time:
      return reinterpret_cast<const std::byte*>(column.i64.data() + row);
    case Type::boolean:
      return reinterpret_cast<const std::byte*>(column.u8.data() + row);
    case Type::text:
      break;
  }
  if (has_labels(column.info)) return reinterpret_cast<const std::byte*>(column.codes.data() + row);
  return reinterpret_cast<const std::byte*>(column.fixed.data() + row * column.info.width);
}

// Messages of one row: a copy of constant size needs no call.
void copy_values(const std::byte* from, std::size_t bytes, std::byte* to) {
  if (bytes == 8)
    std::memcpy(to, from, 8);
  else if (bytes == 4)
    std::memcpy(to, from, 4);
  else
    std::memcpy(to, from, bytes);
}

}  // namespace

Hdf5TableWriter::Hdf5TableWriter(TableLayout layout, ChunkSettings settings)
    : layout_(std::move(layout)), settings_(settings) {}

void Hdf5TableWriter::start(hid_t group, FileWrites& writes) {
  group_ = group;
  writes_ = &writes;
  filled_ = 0;
  rows_flushed_ = 0;
  valid_columns_.clear();
  buffers_.resize(layout_.schema.columns.size());
  for (std::size_t column = 0; column < buffers_.size(); ++column) {
    auto& buffer = buffers_[column];
    const auto& info = layout_.schema.columns[column];
    const auto size = element_bytes(info);
    buffer.values.resize(settings_.rows * size);
    buffer.has_missing = false;
    const auto width = text_width(info);
    buffer.values_set = {{}, layout_.names[column].values, size, width, size > 1 && width == 0, false, false};
    buffer.valid_set = {{}, layout_.names[column].valid, 1, 0, false, false, false};
  }
}

void Hdf5TableWriter::append(const Frame& frame) {
  for (std::size_t row = 0; row < frame.rows();) {
    const auto count = std::min(frame.rows() - row, settings_.rows - filled_);
    for (std::size_t column = 0; column < buffers_.size(); ++column)
      append_column(frame.columns[column], buffers_[column], {row, row + count});
    filled_ += count;
    row += count;
    if (filled_ == settings_.rows) flush(false);
  }
}

void Hdf5TableWriter::append_column(const Column& column, Buffer& buffer, RowRange range) {
  const auto size = buffer.values_set.element_bytes;
  const auto count = range.end - range.begin;
  if (column.info.width != 0 || column.info.type != Type::text || has_labels(column.info))
    copy_values(bytes_of(column, range.begin), count * size, buffer.values.data() + filled_ * size);
  else
    std::memset(buffer.values.data() + filled_ * size, 0, count * size);
  if (has_validity(column.info)) append_validity(column, buffer, range);
}

void Hdf5TableWriter::append_validity(const Column& column, Buffer& buffer, RowRange range) {
  const auto count = range.end - range.begin;
  const bool some_missing =
      !column.valid.empty() && std::memchr(column.valid.data() + range.begin, 0, count) != nullptr;
  if (some_missing && !buffer.has_missing) {
    buffer.valid.resize(settings_.rows);
    std::memset(buffer.valid.data(), 1, filled_);
    buffer.has_missing = true;
  }
  if (!buffer.has_missing) return;
  if (column.valid.empty())
    std::memset(buffer.valid.data() + filled_, 1, count);
  else
    std::memcpy(buffer.valid.data() + filled_, column.valid.data() + range.begin, count);
}

Hdf5Properties Hdf5TableWriter::properties_of(const Stored& set, std::size_t chunk_rows,
                                              bool is_validity) const {
  Hdf5Properties properties(H5Pcreate(H5P_DATASET_CREATE), set.name);
  constexpr std::uint8_t there = 1;
  if (is_validity)
    check_hdf5(H5Pset_fill_value(properties, H5T_NATIVE_UINT8, &there), set.name);
  else
    check_hdf5(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), set.name);
  if (!set.is_chunked) return properties;
  const hsize_t chunk[] = {chunk_rows, set.width};
  check_hdf5(H5Pset_chunk(properties, set.width == 0 ? 1 : 2, chunk), set.name);
  if (settings_.deflate_level == 0) return properties;
  if (set.is_shuffled) check_hdf5(H5Pset_shuffle(properties), set.name);
  check_hdf5(H5Pset_deflate(properties, static_cast<unsigned>(settings_.deflate_level)), set.name);
  return properties;
}

// is_only: all rows of the table are in the buffers, fewer than a chunk.
void Hdf5TableWriter::create(Stored& set, hid_t type, bool is_only, bool is_validity) const {
  const auto chunk_rows = is_only ? filled_ : settings_.rows;
  set.is_growing = !is_only;
  set.is_chunked = set.is_growing ||
                   (settings_.deflate_level > 0 && chunk_rows * set.element_bytes >= least_bytes_to_pack);
  const auto properties = properties_of(set, chunk_rows, is_validity);
  const auto space = make_space(is_only ? chunk_rows : 0, is_only ? chunk_rows : H5S_UNLIMITED, set.width);
  set.id = Hdf5Dataset(
      H5Dcreate2(group_, set.name.c_str(), type, space, H5P_DEFAULT, properties, H5P_DEFAULT), set.name);
}

void Hdf5TableWriter::create_sets(bool is_only) {
  for (std::size_t column = 0; column < buffers_.size(); ++column) {
    auto& buffer = buffers_[column];
    const auto& info = layout_.schema.columns[column];
    if (!buffer.values_set.id) {
      create(buffer.values_set, file_type(info), is_only, false);
      describe_column(buffer.values_set.id, info);
    }
    if (buffer.has_missing && !buffer.valid_set.id) {
      create(buffer.valid_set, H5T_STD_U8LE, is_only, true);
      describe_validity(buffer.valid_set.id, info.name);
    }
  }
}

std::vector<Hdf5TableWriter::Packing> Hdf5TableWriter::packings(std::size_t chunk_rows) {
  std::vector<Packing> all;
  for (auto& buffer : buffers_) {
    const auto size = buffer.values_set.element_bytes;
    std::memset(buffer.values.data() + filled_ * size, 0, (chunk_rows - filled_) * size);
    all.push_back({&buffer.values_set, std::span(buffer.values).first(chunk_rows * size), {}, 0});
    if (!buffer.has_missing) continue;
    std::memset(buffer.valid.data() + filled_, 1, chunk_rows - filled_);
    all.push_back({&buffer.valid_set, std::as_bytes(std::span(buffer.valid)).first(chunk_rows), {}, 0});
  }
  return all;
}

void Hdf5TableWriter::pack(Packing& packing, Scratch& scratch) const {
  auto plain = packing.packed = packing.raw;
  if (settings_.deflate_level == 0 || !packing.target->is_chunked) return;
  if (packing.target->is_shuffled) {
    scratch.shuffled.resize(plain.size());
    shuffle_bytes(plain, packing.target->element_bytes, scratch.shuffled);
    plain = scratch.shuffled;
  }
  const bool is_smaller = deflate_bytes(plain, settings_.deflate_level, scratch.deflated);
  const std::uint32_t deflate_left_out = packing.target->is_shuffled ? 2 : 1;
  packing.packed = is_smaller ? std::span<const std::byte>(scratch.deflated) : plain;
  packing.filter_mask = is_smaller ? 0 : deflate_left_out;
}

void Hdf5TableWriter::write(const Packing& packing, std::size_t rows) const {
  const auto& set = *packing.target;
  if (!set.is_chunked) {
    const Hdf5Type type(H5Dget_type(set.id), set.name);
    check_hdf5(H5Dwrite(set.id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, packing.raw.data()), set.name);
    return;
  }
  const hsize_t extent[] = {rows_flushed_ + rows, set.width}, offset[] = {rows_flushed_, 0};
  if (set.is_growing) check_hdf5(H5Dset_extent(set.id, extent), set.name);
  writes_->let_wait(packing.packed.data());
  check_hdf5(H5Dwrite_chunk(set.id, H5P_DEFAULT, packing.filter_mask, offset, packing.packed.size(),
                            packing.packed.data()),
             set.name);
}

void Hdf5TableWriter::write(std::span<const Packing> packings, std::size_t rows) const {
  const GatheredWrites gathered(*writes_);
  for (const auto& packing : packings) write(packing, rows);
}

void Hdf5TableWriter::flush(bool is_last) {
  const bool is_only = is_last && rows_flushed_ == 0;
  create_sets(is_only);
  auto jobs = packings(is_only ? filled_ : settings_.rows);
  // Threads pay only if they are started for all columns at once; one thread writes what it packed while it
  // is hot.
  const bool one_by_one = settings_.threads == 1 && settings_.deflate_level > 0;
  const auto together = one_by_one ? 1 : jobs.size();
  scratch_.resize(together);
  for (std::size_t first = 0; first < jobs.size(); first += together) {
    const auto count = std::min(together, jobs.size() - first);
    parallel_blocks(count, settings_.threads,
                    [&](std::size_t job) { pack(jobs[first + job], scratch_[job]); });
    write(std::span(jobs).subspan(first, count), filled_);
  }
  rows_flushed_ += filled_;
  filled_ = 0;
  for (auto& buffer : buffers_) buffer.has_missing = false;
}

Dimension Hdf5TableWriter::describe_dimension() {
  Dimension dimension(layout_.dimension);
  if (layout_.dimension_column)
    dimension.use_as_scale(buffers_[*layout_.dimension_column].values_set.id);
  else
    dimension.make_scale(group_, rows_flushed_);
  for (std::size_t column = 0; column < buffers_.size(); ++column) {
    dimension.add_column(layout_, column);
    if (buffers_[column].valid_set.id) dimension.add(buffers_[column].valid_set.name);
  }
  return dimension;
}

void Hdf5TableWriter::finish() {
  if (filled_ > 0 || rows_flushed_ == 0) flush(true);
  const hsize_t extent = rows_flushed_;
  for (std::uint32_t column = 0; column < buffers_.size(); ++column) {
    auto& set = buffers_[column].valid_set;
    if (!set.id) continue;
    valid_columns_.push_back(column);
    if (set.is_growing) check_hdf5(H5Dset_extent(set.id, &extent), set.name);
  }
  describe_dimension().attach(group_);
  for (auto& buffer : buffers_) {
    buffer.values_set.id.close();
    buffer.valid_set.id.close();
  }
}

std::uint64_t Hdf5TableWriter::memory_bound() const {
  std::uint64_t scratch = 0;
  for (const auto& info : layout_.schema.columns)
    scratch = settings_.threads == 1 ? std::max<std::uint64_t>(scratch, element_bytes(info))
                                     : row_bytes(layout_.schema);
  return settings_.rows * (row_bytes(layout_.schema) + 2 * scratch);
}

}  // namespace millrace
