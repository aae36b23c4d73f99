// SPDX-License-Identifier: Apache-2.0
// HDF5's C handles, wrapped once: closed when they go, and every failure an Error with HDF5's own words. Only
// files called hdf5_* of the sink and source rooms include this.
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

#include "millrace/base/files.hpp"
#include "sink/file_writes.hpp"

namespace millrace {

// While one lives HDF5 prints no error stack (its setting is one a thread).
class Hdf5Silence {
 public:
  Hdf5Silence();
  ~Hdf5Silence();
  Hdf5Silence(const Hdf5Silence&) = delete;
  Hdf5Silence& operator=(const Hdf5Silence&) = delete;

 private:
  H5E_auto2_t before_ = nullptr;
  void* before_data_ = nullptr;
};

[[noreturn]] void throw_hdf5(const std::string& what);
inline hid_t checked_id(hid_t id, const std::string& what) {
  if (id < 0) throw_hdf5(what);
  return id;
}
inline void check_hdf5(herr_t status, const std::string& what) {
  if (status < 0) throw_hdf5(what);
}

template <herr_t (*close_id)(hid_t)>
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  Hdf5Handle(hid_t id, const std::string& what) : id_(checked_id(id, what)) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  ~Hdf5Handle() {
    if (id_ >= 0) close_id(id_);
  }
  operator hid_t() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  // Closes now; false if that failed.
  bool close() { return id_ < 0 || close_id(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
};

using Hdf5Group = Hdf5Handle<H5Gclose>;
using Hdf5Dataset = Hdf5Handle<H5Dclose>;
using Hdf5Space = Hdf5Handle<H5Sclose>;
using Hdf5Type = Hdf5Handle<H5Tclose>;
using Hdf5Attribute = Hdf5Handle<H5Aclose>;
using Hdf5Properties = Hdf5Handle<H5Pclose>;
using Hdf5FileId = Hdf5Handle<H5Fclose>;

// Data spaces have one dimension, or two where every row holds `width` bytes of text (0: it does not).
Hdf5Space make_space(hsize_t rows, hsize_t most_rows, hsize_t width = 0);
void select_rows(hid_t space, hsize_t first, hsize_t count, hsize_t width);
inline Hdf5Space make_space(hsize_t rows) {
  return make_space(rows, rows);
}

// Of variable length in UTF-8, as h5py writes it: readers get a text, not bytes.
void write_attribute(hid_t object, const char* name, const std::string& text);
void write_attribute(hid_t object, const char* name, std::int64_t number);

// A file that is written through a driver of ours (hdf5_file_driver.hpp): a failed write is remembered, HDF5
// goes on as if it had worked and so closes in good order, and finish() throws what happened. Removes the
// file if it is never finished.
class Hdf5OutFile {
 public:
  explicit Hdf5OutFile(const Path& path);
  Hdf5OutFile(const Hdf5OutFile&) = delete;
  Hdf5OutFile& operator=(const Hdf5OutFile&) = delete;
  ~Hdf5OutFile();

  hid_t id() const { return file_; }
  // Throws what a write ran into so far; for use between steps, so that a full disk ends the work early.
  void check() const;
  // Closes, checks and makes durable. The file then has its whole length.
  void finish();
  std::uint64_t crc64() const { return writes_.crc64(path_); }  // after finish()
  FileWrites& writes() { return writes_; }

 private:
  Path path_;
  FileWrites writes_;
  Hdf5FileId file_;
};

// A file opened for reading, without locks.
Hdf5FileId open_hdf5(const Path& path);

}  // namespace millrace
