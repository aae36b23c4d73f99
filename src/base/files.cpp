// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"

namespace millrace {
namespace {

int flags_of(File::Mode mode) {
  switch (mode) {
    case File::Mode::read:
      return O_RDONLY | O_CLOEXEC;
    case File::Mode::write_new:
      return O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    case File::Mode::append:
      return O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
    case File::Mode::update:
      return O_RDWR | O_CREAT | O_CLOEXEC;
  }
  return O_RDONLY;
}

FileStamp stamp_from(const struct stat& status) {
  constexpr std::int64_t ns_a_second = 1'000'000'000;
  return {status.st_ino, static_cast<std::uint64_t>(status.st_size),
          status.st_mtim.tv_sec * ns_a_second + status.st_mtim.tv_nsec};
}

dev_t device_of(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw_errno(path.string(), errno);
  return status.st_dev;
}

}  // namespace

File File::open(const Path& path, Mode mode) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), flags_of(mode), 0666);
  if (file.descriptor_ < 0) throw_errno(path.string(), errno);
  return file;
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void File::write_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) throw_errno(path_.string(), errno);
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void File::write_all(std::string_view text) {
  write_all(std::as_bytes(std::span(text)));
}

void File::write_all_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno != EINTR) throw_errno(path_.string(), errno);
    if (written <= 0) continue;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

std::size_t File::read_some(void* into, std::size_t size) {
  for (;;) {
    const auto count = ::read(descriptor_, into, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw_errno(path_.string(), errno);
  }
}

std::size_t File::read_some_at(std::span<std::byte> into, std::uint64_t offset) {
  while (true) {
    const auto count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw_errno(path_.string(), errno);
  }
}

void File::read_all_at(std::span<std::byte> into, std::uint64_t offset) {
  while (!into.empty()) {
    const auto count = read_some_at(into, offset);
    if (count == 0)
      throw Error(ExitCode::failed, path_.string() + ": ends at byte " + std::to_string(offset) +
                                        ", within what is to be read: was it cut off meanwhile?");
    into = into.subspan(count);
    offset += count;
  }
}

void File::seek(std::uint64_t offset) {
  if (::lseek(descriptor_, static_cast<off_t>(offset), SEEK_SET) < 0) throw_errno(path_.string(), errno);
}

void File::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) < 0) throw_errno(path_.string(), errno);
}

void File::reserve(std::uint64_t offset, std::uint64_t bytes) {
  ::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(bytes));
}

void File::sync() {
  if (::fdatasync(descriptor_) < 0) throw_errno(path_.string(), errno);
}

std::uint64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) < 0) throw_errno(path_.string(), errno);
  return static_cast<std::uint64_t>(status.st_size);
}

FileStamp File::stamp() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) < 0) throw_errno(path_.string(), errno);
  return stamp_from(status);
}

std::optional<FileStamp> stamp_of(const Path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return stamp_from(status);
}

Bytes read_file(const Path& path) {
  auto file = File::open(path, File::Mode::read);
  Bytes bytes(file.size());
  std::size_t have = 0;
  for (;;) {
    if (have == bytes.size()) bytes.resize(have + (have == 0 ? 4096 : have / 2 + 1));
    const auto count = file.read_some(bytes.data() + have, bytes.size() - have);
    if (count == 0) break;
    have += count;
  }
  bytes.resize(have);
  return bytes;
}

void sync_path(const Path& file_or_folder) {
  const auto file = File::open(file_or_folder, File::Mode::read);
  if (::fsync(file.descriptor()) < 0) throw_errno(file_or_folder.string(), errno);
}

Path folder_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path(".");
}

void create_folders(const Path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw_errno(folder.string(), failure.value());
}

void create_folders_durably(const Path& folder) {
  create_folders(folder);
  auto path = std::filesystem::canonical(folder);
  const auto file_system = device_of(path);
  while (path != path.root_path()) {
    path = path.parent_path();
    if (device_of(path) != file_system) return;              // a mount point is not new
    if (::access(path.c_str(), R_OK) == 0) sync_path(path);  // what may not be read cannot be synced
  }
}

void rename_durably(const Path& from, const Path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) throw_errno(from.string() + " -> " + to.string(), errno);
  sync_path(folder_of(to));
}

void replace_file(const Path& path, std::string_view text) {
  const Path part = path.string() + ".part";
  auto file = File::open(part, File::Mode::write_new);
  file.write_all(text);
  file.sync();
  reach_step("replace rename");
  rename_durably(part, path);
}

std::optional<FileLock> FileLock::take(const Path& path, double wait_s) {
  auto file = File::open(path, File::Mode::append);
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(wait_s);
  while (::flock(file.descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw_errno(path.string() + ": lock", errno);
    if (std::chrono::steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  file.truncate(0);
  file.write_all(std::to_string(::getpid()) + "\n");
  return FileLock(std::move(file));
}

std::string FileLock::holder(const Path& path) {
  const auto bytes = read_file(path);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.substr(0, text.find('\n'));
}

}  // namespace millrace
