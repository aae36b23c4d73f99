// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

#include "millrace/base/error.hpp"

namespace millrace {

MappedFile::MappedFile(const Path& path, std::size_t size) {
  auto file = File::open(path, File::Mode::update);
  if (file.size() > size) file.truncate(size);
  int failure = 0;
  do failure = ::posix_fallocate(file.descriptor(), 0, static_cast<off_t>(size));
  while (failure == EINTR);
  if (failure != 0) throw_errno(path.string(), failure);
  void* const begin =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file.descriptor(), 0);
  if (begin == MAP_FAILED) throw_errno(path.string(), errno);
  bytes_ = {static_cast<std::byte*>(begin), size};
}

MappedFile::~MappedFile() {
  ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace millrace
