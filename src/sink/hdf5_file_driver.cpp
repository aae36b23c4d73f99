// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_file_driver.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace millrace {
namespace {

constexpr haddr_t most_bytes = (haddr_t{1} << 62);
constexpr hsize_t metadata_block_bytes = 64u << 10;

struct DriverInfo {
  FileWrites* writes;
};

struct OpenFile {
  H5FD_t base;  // what HDF5 knows; it must come first
  int descriptor;
  haddr_t end_allocated, end_of_file;
  FileWrites* writes;  // nullptr where it is only read
};

OpenFile& open_file(H5FD_t* file) {
  return *reinterpret_cast<OpenFile*>(file);
}
const OpenFile& open_file(const H5FD_t* file) {
  return *reinterpret_cast<const OpenFile*>(file);
}

void remember_failure(const OpenFile& file) {
  if (file.writes != nullptr) file.writes->remember_failure(errno);
}

int open_flags(unsigned flags) {
  int result = O_CLOEXEC | ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY);
  if ((flags & H5F_ACC_TRUNC) != 0) result |= O_TRUNC;
  if ((flags & H5F_ACC_CREAT) != 0) result |= O_CREAT;
  if ((flags & H5F_ACC_EXCL) != 0) result |= O_EXCL;
  return result;
}

H5FD_t* driver_open(const char* name, unsigned flags, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  OpenFile file{};
  file.writes = info == nullptr ? nullptr : info->writes;
  file.descriptor = ::open(name, open_flags(flags), 0666);
  struct stat status {};
  if (file.descriptor < 0 || ::fstat(file.descriptor, &status) != 0) {
    const bool is_trial = (flags & H5F_ACC_CREAT) == 0;  // HDF5 looks first whether the file is there
    if (!is_trial) remember_failure(file);
    return nullptr;
  }
  file.end_of_file = static_cast<haddr_t>(status.st_size);
  if (file.writes != nullptr) file.writes->use(file.descriptor);
  return &(new OpenFile(file))->base;
}

herr_t driver_close(H5FD_t* file) {
  if (::close(open_file(file).descriptor) != 0) remember_failure(open_file(file));
  delete &open_file(file);
  return 0;
}

int driver_compare(const H5FD_t* a, const H5FD_t* b) {
  struct stat of_a {
  }, of_b{};
  ::fstat(open_file(a).descriptor, &of_a);
  ::fstat(open_file(b).descriptor, &of_b);
  if (of_a.st_dev != of_b.st_dev) return of_a.st_dev < of_b.st_dev ? -1 : 1;
  return of_a.st_ino == of_b.st_ino ? 0 : of_a.st_ino < of_b.st_ino ? -1 : 1;
}

herr_t driver_query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_POSIX_COMPAT_HANDLE | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t driver_end_allocated(const H5FD_t* file, H5FD_mem_t) {
  return open_file(file).end_allocated;
}

herr_t driver_set_end_allocated(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  open_file(file).end_allocated = address;
  return 0;
}

haddr_t driver_end_of_file(const H5FD_t* file, H5FD_mem_t) {
  return open_file(file).end_of_file;
}

herr_t driver_handle(H5FD_t* file, hid_t, void** handle) {
  *handle = &open_file(file).descriptor;
  return 0;
}

herr_t driver_read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  if (open_file(file).writes != nullptr) open_file(file).writes->write_gathered();
  auto* into = static_cast<char*>(buffer);
  while (size > 0) {
    const auto count = ::pread(open_file(file).descriptor, into, size, static_cast<off_t>(address));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) {  // beyond the end: allocated and never written, which HDF5 takes as zeros
      std::memset(into, 0, size);
      return 0;
    }
    into += count;
    address += static_cast<haddr_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return 0;
}

herr_t driver_write(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  auto& file = open_file(base);
  file.end_of_file = std::max(file.end_of_file, address + size);
  file.writes->write(address, std::span(static_cast<const std::byte*>(buffer), size));
  return 0;
}

herr_t driver_truncate(H5FD_t* base, hid_t, hbool_t) {
  auto& file = open_file(base);
  if (file.end_allocated == file.end_of_file) return 0;
  file.writes->resize(file.end_allocated);
  file.end_of_file = file.end_allocated;
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 2)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(300);
#endif
  driver.name = "millrace";
  driver.maxaddr = most_bytes;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = driver_open;
  driver.close = driver_close;
  driver.cmp = driver_compare;
  driver.query = driver_query;
  driver.get_eoa = driver_end_allocated;
  driver.set_eoa = driver_set_end_allocated;
  driver.get_eof = driver_end_of_file;
  driver.get_handle = driver_handle;
  driver.read = driver_read;
  driver.write = driver_write;
  driver.truncate = driver_truncate;
  const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), driver.fl_map);
  return driver;
}

hid_t driver_id() {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = checked_id(H5FDregister(&driver), "file driver");
  return id;
}

}  // namespace

Hdf5Properties file_access(FileWrites* writes) {
  Hdf5Properties access(H5Pcreate(H5P_FILE_ACCESS), "file access");
  const DriverInfo info{writes};
  check_hdf5(H5Pset_driver(access, driver_id(), &info), "file driver");
  check_hdf5(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), "format version");
  check_hdf5(H5Pset_meta_block_size(access, metadata_block_bytes), "metadata block");
  check_hdf5(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), "close degree");
  return access;
}

}  // namespace millrace
