// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_handle.hpp"

#include "millrace/base/error.hpp"
#include "millrace/sink/output.hpp"
#include "sink/hdf5_file_driver.hpp"

namespace millrace {
namespace {

herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* text) {
  auto& message = *static_cast<std::string*>(text);
  if (message.empty() && error->desc != nullptr) message = error->desc;
  return 0;
}

// As netCDF-4 and h5py do: data sets are listed in the order in which they were made.
Hdf5Properties ordered_file_properties() {
  Hdf5Properties properties(H5Pcreate(H5P_FILE_CREATE), "file properties");
  check_hdf5(H5Pset_link_creation_order(properties, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
             "link order");
  return properties;
}

}  // namespace

Hdf5Silence::Hdf5Silence() {
  H5Eget_auto2(H5E_DEFAULT, &before_, &before_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Silence::~Hdf5Silence() {
  H5Eset_auto2(H5E_DEFAULT, before_, before_data_);
}

void throw_hdf5(const std::string& what) {
  std::string message;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &message);
  H5Eclear2(H5E_DEFAULT);
  throw Error(ExitCode::failed, what + ": HDF5: " + (message.empty() ? "failed" : message));
}

Hdf5Space make_space(hsize_t rows, hsize_t most_rows, hsize_t width) {
  const hsize_t extent[] = {rows, width}, most[] = {most_rows, width};
  return {H5Screate_simple(width == 0 ? 1 : 2, extent, most), "data space"};
}

void select_rows(hid_t space, hsize_t first, hsize_t count, hsize_t width) {
  const hsize_t start[] = {first, 0}, size[] = {count, width};
  check_hdf5(H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, size, nullptr), "selection of rows");
}

void write_attribute(hid_t object, const char* name, const std::string& text) {
  Hdf5Type type(H5Tcopy(H5T_C_S1), name);
  check_hdf5(H5Tset_size(type, H5T_VARIABLE), name);
  H5Tset_cset(type, H5T_CSET_UTF8);
  const Hdf5Space scalar(H5Screate(H5S_SCALAR), name);
  const Hdf5Attribute attribute(H5Acreate2(object, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT), name);
  const char* value = text.c_str();
  check_hdf5(H5Awrite(attribute, type, &value), name);
}

void write_attribute(hid_t object, const char* name, std::int64_t number) {
  const Hdf5Space scalar(H5Screate(H5S_SCALAR), name);
  const Hdf5Attribute attribute(H5Acreate2(object, name, H5T_STD_I64LE, scalar, H5P_DEFAULT, H5P_DEFAULT),
                                name);
  check_hdf5(H5Awrite(attribute, H5T_NATIVE_INT64, &number), name);
}

Hdf5OutFile::Hdf5OutFile(const Path& path) : path_(path) {
  const auto access = file_access(&writes_);
  const auto properties = ordered_file_properties();
  const auto id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties, access);
  if (id < 0) check();
  file_ = Hdf5FileId(id, path.string());
}

Hdf5OutFile::~Hdf5OutFile() {
  if (!file_) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void Hdf5OutFile::check() const {
  if (writes_.error_number() != 0) throw_errno(path_.string(), writes_.error_number());
}

void Hdf5OutFile::finish() {
  check();
  const bool is_closed = file_.close();
  try {
    check();
    if (!is_closed) throw_hdf5(path_.string());
    sync_path(path_);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    throw;
  }
}

Hdf5FileId open_hdf5(const Path& path) {
  const auto access = file_access(nullptr);
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), path.string()};
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return "HDF5 " + std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace millrace
