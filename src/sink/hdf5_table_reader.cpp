// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_table_reader.hpp"

#include <fmt/format.h>

#include <numeric>

#include "millrace/base/error.hpp"
#include "sink/hdf5_column.hpp"

namespace millrace {
namespace {

hsize_t rows_in(hid_t dataset, std::uint32_t width, const std::string& name) {
  const Hdf5Space space(H5Dget_space(dataset), name);
  hsize_t extent[H5S_MAX_RANK] = {};
  const auto dimensions = H5Sget_simple_extent_dims(space, extent, nullptr);
  if (dimensions != (width == 0 ? 1 : 2) || extent[1] != width)
    throw Error(ExitCode::failed, name + ": has another shape than its column");
  return extent[0];
}

struct StoredRows {
  hid_t dataset;
  std::uint32_t width;  // of fixed text
  const std::string& name;
};

void check_type(hid_t dataset, hid_t expected, const std::string& name) {
  const Hdf5Type found(H5Dget_type(dataset), name);
  if (H5Tequal(found, expected) <= 0)
    throw Error(ExitCode::failed, name + ": has another type than its column");
}

void read_rows(const StoredRows& from, RowRange range, void* into) {
  const auto& [dataset, width, name] = from;
  const hsize_t count = range.end - range.begin;
  if (count == 0) return;
  const Hdf5Space space(H5Dget_space(dataset), name);
  select_rows(space, range.begin, count, width);
  const auto memory = make_space(count, count, width);
  const Hdf5Type type(H5Dget_type(dataset), name);
  check_hdf5(H5Dread(dataset, type, memory, space, H5P_DEFAULT, into), name);
}

void* values_of(Column& column) {
  switch (column.info.type) {
    case Type::float64:
      return column.f64.data();
    case Type::int64:
    case Type::time:
      return column.i64.data();
    case Type::boolean:
      return column.u8.data();
    case Type::text:
      break;
  }
  return has_labels(column.info) ? static_cast<void*>(column.codes.data()) : column.fixed.data();
}

}  // namespace

Hdf5TableReader::Hdf5TableReader(hid_t group, const TableLayout& layout) : layout_(layout) {
  for (std::size_t column = 0; column < layout_.names.size(); ++column) {
    const auto& names = layout_.names[column];
    auto& [values, valid] = sets_.emplace_back();
    values = Hdf5Dataset(H5Dopen2(group, names.values.c_str(), H5P_DEFAULT), names.values);
    check_type(values, file_type(layout_.schema.columns[column]), names.values);
    const auto rows = rows_in(values, text_width(layout_.schema.columns[column]), names.values);
    if (column == 0) rows_ = rows;
    if (H5Lexists(group, names.valid.c_str(), H5P_DEFAULT) > 0) {
      valid = Hdf5Dataset(H5Dopen2(group, names.valid.c_str(), H5P_DEFAULT), names.valid);
      check_type(valid, H5T_STD_U8LE, names.valid);
    }
    if (rows != rows_ || (valid && rows_in(valid, 0, names.valid) != rows_))
      throw Error(ExitCode::failed,
                  fmt::format("{}: has {} rows where the others have {}", names.values, rows, rows_));
  }
}

void Hdf5TableReader::read_column(std::size_t column, RowRange range, Column& into) const {
  const auto& names = layout_.names[column];
  const auto& sets = sets_[column];
  into.resize(range.end - range.begin);
  if (sets.valid) into.valid.resize(range.end - range.begin);
  if (into.info.type != Type::text || has_labels(into.info) || into.info.width > 0)
    read_rows({sets.values, text_width(into.info), names.values}, range, values_of(into));
  if (sets.valid) read_rows({sets.valid, 0, names.valid}, range, into.valid.data());
}

Frame Hdf5TableReader::read(std::uint64_t first, std::size_t count) const {
  Frame frame(layout_.schema);
  for (std::size_t column = 0; column < frame.columns.size(); ++column)
    read_column(column, {first, first + count}, frame.columns[column]);
  frame.row_index.resize(count);
  std::iota(frame.row_index.begin(), frame.row_index.end(), 0u);
  return frame;
}

}  // namespace millrace
