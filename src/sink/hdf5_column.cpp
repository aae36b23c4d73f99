// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_column.hpp"

#include <array>

namespace millrace {
namespace {

const char* long_time_unit(const std::string& unit) {
  if (unit == "ms") return "milliseconds";
  if (unit == "us") return "microseconds";
  if (unit == "ns") return "nanoseconds";
  return "seconds";
}

// HDF5 clears its whole buffer, a megabyte by default, for each table of labels.
constexpr std::size_t conversion_bytes = 8192;

// Word for word what netCDF-4 writes and looks for.
constexpr auto no_variable = "This is a netCDF dimension but not a netCDF variable.";

// In ASCII and with its zero byte: HDF5's own check of a scale asks for both.
void write_ascii(hid_t dataset, const char* name, const std::string& text) {
  Hdf5Type type(H5Tcopy(H5T_C_S1), name);
  check_hdf5(H5Tset_size(type, text.size() + 1), name);
  const Hdf5Space scalar(H5Screate(H5S_SCALAR), name);
  const Hdf5Attribute attribute(H5Acreate2(dataset, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT), name);
  check_hdf5(H5Awrite(attribute, type, text.c_str()), name);
}

void mark_as_scale(hid_t dataset, const std::string& name) {
  write_ascii(dataset, "CLASS", "DIMENSION_SCALE");
  write_ascii(dataset, "NAME", name);
}

struct ScaleUse {
  hobj_ref_t dataset;
  std::int32_t dimension;
};

Hdf5Type scale_use_type(bool in_file) {
  Hdf5Type type(H5Tcreate(H5T_COMPOUND, sizeof(ScaleUse)), "reference list");
  check_hdf5(H5Tinsert(type, "dataset", offsetof(ScaleUse, dataset), H5T_STD_REF_OBJ), "reference list");
  check_hdf5(
      H5Tinsert(type, "dimension", offsetof(ScaleUse, dimension), in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32),
      "reference list");
  return type;
}

void write_reference_list(hid_t group, const std::string& scale, const std::vector<ScaleUse>& uses) {
  const Hdf5Dataset dataset(H5Dopen2(group, scale.c_str(), H5P_DEFAULT), scale);
  const auto type = scale_use_type(true), memory_type = scale_use_type(false);
  const auto space = make_space(uses.size());
  const Hdf5Attribute list(H5Acreate2(dataset, "REFERENCE_LIST", type, space, H5P_DEFAULT, H5P_DEFAULT),
                           scale);
  check_hdf5(H5Awrite(list, memory_type, uses.data()), scale);
}

// One scale a dimension.
void write_dimension_list(hid_t dataset, std::vector<hobj_ref_t> scales) {
  constexpr auto name = "DIMENSION_LIST";
  const Hdf5Type type(H5Tvlen_create(H5T_STD_REF_OBJ), name);
  const auto space = make_space(scales.size());
  const Hdf5Attribute list(H5Acreate2(dataset, name, type, space, H5P_DEFAULT, H5P_DEFAULT), name);
  std::vector<hvl_t> entries;
  for (auto& scale : scales) entries.push_back({1, &scale});
  check_hdf5(H5Awrite(list, type, entries.data()), name);
}

hobj_ref_t reference_to(hid_t group, const std::string& name) {
  hobj_ref_t reference{};
  check_hdf5(H5Rcreate(&reference, group, name.c_str(), H5R_OBJECT, -1), name);
  return reference;
}

hsize_t row_length(hid_t dataset) {
  const Hdf5Space space(H5Dget_space(dataset), "data space");
  hsize_t extent[2] = {0, 0};
  check_hdf5(H5Sget_simple_extent_dims(space, extent, nullptr), "data space");
  return extent[1];
}

void make_empty_scale(hid_t group, const std::string& name, hsize_t rows) {
  const auto space = make_space(rows);
  const Hdf5Dataset scale(
      H5Dcreate2(group, name.c_str(), H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);
  auto length = std::to_string(rows);
  length.insert(0, length.size() < 10 ? 10 - length.size() : 0, ' ');
  mark_as_scale(scale, no_variable + length);
}

}  // namespace

Hdf5Type file_type(const ColumnInfo& info) {
  switch (info.type) {
    case Type::float64:
      return {H5Tcopy(H5T_IEEE_F64LE), info.name};
    case Type::int64:
    case Type::time:
      return {H5Tcopy(H5T_STD_I64LE), info.name};
    case Type::boolean:
      return {H5Tcopy(H5T_STD_U8LE), info.name};
    case Type::text:
      break;
  }
  if (has_labels(info)) return {H5Tcopy(H5T_STD_I32LE), info.name};
  return {H5Tcopy(H5T_C_S1), info.name};
}

void describe_column(hid_t dataset, const ColumnInfo& info) {
  write_attribute(dataset, "long_name", info.name);
  if (info.type == Type::time) {
    write_attribute(dataset, "units", std::string(long_time_unit(info.unit)) + " since 1970-01-01 00:00:00");
    write_attribute(dataset, "calendar", std::string("proleptic_gregorian"));
  } else if (!info.unit.empty()) {
    write_attribute(dataset, "units", info.unit);
  }
  if (info.type == Type::boolean) write_attribute(dataset, "dtype", std::string("bool"));
  if (text_width(info) > 0) write_attribute(dataset, "_Encoding", std::string("utf-8"));
}

void describe_validity(hid_t dataset, const std::string& column) {
  write_attribute(dataset, "long_name", "is there a value of " + column);
  write_attribute(dataset, "dtype", std::string("bool"));
}

void Dimension::make_scale(hid_t group, hsize_t rows) {
  make_empty_scale(group, name_, rows);
}

void Dimension::use_as_scale(hid_t dataset) {
  mark_as_scale(dataset, name_);
}

void Dimension::add_column(const TableLayout& layout, std::size_t column) {
  if (layout.dimension_column == column) return;
  const auto& names = layout.names[column];
  members_.push_back({names.values, text_width(layout.schema.columns[column]) > 0 ? names.bytes : ""});
}

void Dimension::attach(hid_t group) const {
  if (members_.empty()) return;
  const auto scale = reference_to(group, name_);
  std::vector<ScaleUse> uses;
  for (const auto& [name, bytes] : members_) {
    const Hdf5Dataset dataset(H5Dopen2(group, name.c_str(), H5P_DEFAULT), name);
    const auto member = reference_to(group, name);
    uses.push_back({member, 0});
    if (bytes.empty()) {
      write_dimension_list(dataset, {scale});
      continue;
    }
    make_empty_scale(group, bytes, row_length(dataset));
    write_dimension_list(dataset, {scale, reference_to(group, bytes)});
    write_reference_list(group, bytes, {{member, 1}});
  }
  write_reference_list(group, name_, uses);
}

void write_labels(hid_t group, const std::string& name, const std::vector<std::string>& labels) {
  Hdf5Type type(H5Tcopy(H5T_C_S1), name);
  check_hdf5(H5Tset_size(type, H5T_VARIABLE), name);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const auto space = make_space(labels.size());
  const Hdf5Dataset dataset(
      H5Dcreate2(group, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);
  std::vector<const char*> texts;
  for (const auto& label : labels) texts.push_back(label.c_str());
  Hdf5Properties transfer(H5Pcreate(H5P_DATASET_XFER), name);
  check_hdf5(H5Pset_buffer(transfer, conversion_bytes, nullptr, nullptr), name);
  check_hdf5(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, transfer, texts.data()), name);
  mark_as_scale(dataset, name);
}

}  // namespace millrace
