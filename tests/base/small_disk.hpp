// SPDX-License-Identifier: Apache-2.0
// A disk to fill: a tmpfs of 2 MB, where mounting is permitted.
#pragma once

#include <sys/mount.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/temporary_folder.hpp"
#include "millrace/base/files.hpp"

namespace millrace::test {

class SmallDisk {
 public:
  SmallDisk() {
    fs::create_directory(folder_ / "disk");
    is_there_ = ::mount("none", path().c_str(), "tmpfs", 0, "size=2m") == 0;
    if (!is_there_)
      BOOST_TEST_MESSAGE("skipped: no small disk to fill (mount: " << std::strerror(errno) << ")");
  }
  ~SmallDisk() {
    if (is_there_) ::umount(path().c_str());
  }
  bool is_there() const { return is_there_; }
  fs::path path() const { return folder_ / "disk"; }

  // Leaves `bytes` free, in whole pages.
  void fill_but(std::uint64_t bytes) const {
    const auto free = fs::space(path()).available;
    fs::remove(path() / "ballast");
    if (free > bytes) replace_file(path() / "ballast", std::string(free - bytes, 'x'));
  }
  void make_room() const { fs::remove(path() / "ballast"); }

 private:
  TemporaryFolder folder_;
  bool is_there_ = false;
};

}  // namespace millrace::test
