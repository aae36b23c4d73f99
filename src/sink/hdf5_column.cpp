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

// Word for word what netCDF-4 writes and looks for.
constexpr auto no_variable = "This is a netCDF dimension but not a netCDF variable";

Hdf5Type fixed_text_type(std::size_t width) {
  Hdf5Type type(H5Tcopy(H5T_C_S1), "text type");
  check_hdf5(H5Tset_size(type, width), "text type");
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

void mark_as_scale(hid_t dataset, const std::string& name) {
  write_attribute(dataset, "CLASS", std::string("DIMENSION_SCALE"));
  write_attribute(dataset, "NAME", name);
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

void write_reference_list(hid_t scale, const std::vector<ScaleUse>& uses) {
  const auto type = scale_use_type(true), memory_type = scale_use_type(false);
  const auto space = make_space(uses.size());
  const Hdf5Attribute list(H5Acreate2(scale, "REFERENCE_LIST", type, space, H5P_DEFAULT, H5P_DEFAULT),
                           "REFERENCE_LIST");
  check_hdf5(H5Awrite(list, memory_type, uses.data()), "REFERENCE_LIST");
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
  return fixed_text_type(element_bytes(info));
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
}

void describe_validity(hid_t dataset, const std::string& column) {
  write_attribute(dataset, "long_name", "is there a value of " + column);
  write_attribute(dataset, "dtype", std::string("bool"));
}

void Dimension::make_scale(hid_t group, hsize_t rows) {
  const auto space = make_space(rows);
  const Hdf5Dataset scale(
      H5Dcreate2(group, name_.c_str(), H5T_IEEE_F32BE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name_);
  auto length = std::to_string(rows);
  length.insert(0, length.size() < 10 ? 10 - length.size() : 0, ' ');
  mark_as_scale(scale, no_variable + length);
}

void Dimension::use_as_scale(hid_t dataset) {
  mark_as_scale(dataset, name_);
}

void Dimension::attach(hid_t group) const {
  if (members_.empty()) return;
  hobj_ref_t scale_reference;
  check_hdf5(H5Rcreate(&scale_reference, group, name_.c_str(), H5R_OBJECT, -1), name_);
  const Hdf5Type list_type(H5Tvlen_create(H5T_STD_REF_OBJ), "DIMENSION_LIST");
  const auto one = make_space(1);
  std::vector<ScaleUse> uses;
  for (const auto& member : members_) {
    const Hdf5Dataset dataset(H5Dopen2(group, member.c_str(), H5P_DEFAULT), member);
    const Hdf5Attribute list(H5Acreate2(dataset, "DIMENSION_LIST", list_type, one, H5P_DEFAULT, H5P_DEFAULT),
                             member);
    const hvl_t scales{1, &scale_reference};
    check_hdf5(H5Awrite(list, list_type, &scales), member);
    ScaleUse use{};
    check_hdf5(H5Rcreate(&use.dataset, group, member.c_str(), H5R_OBJECT, -1), member);
    uses.push_back(use);
  }
  const Hdf5Dataset scale(H5Dopen2(group, name_.c_str(), H5P_DEFAULT), name_);
  write_reference_list(scale, uses);
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
  check_hdf5(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), name);
  mark_as_scale(dataset, name);
}

}  // namespace millrace
