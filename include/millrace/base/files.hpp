// SPDX-License-Identifier: Apache-2.0
// Files as the guarantees need them. Every failure throws Error with the path, and ExitCode::no_space where
// the file system is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/bytes.hpp"

namespace millrace {

using Path = std::filesystem::path;

// Which file it is, and in which state.
struct FileStamp {
  std::uint64_t inode = 0, bytes = 0;
  std::int64_t modified_ns = 0;
  bool operator==(const FileStamp&) const = default;
  // Is this the file that was `before`, with all that was in it then? It may have grown.
  bool continues(const FileStamp& before) const {
    return inode == before.inode && (bytes > before.bytes || *this == before);
  }
};
// Of a regular file; empty if there is none.
std::optional<FileStamp> stamp_of(const Path& path);

class File {
 public:
  // write_new truncates; append and update create; update is for write_all_at().
  enum class Mode { read, write_new, append, update };
  static File open(const Path& path, Mode mode);
  File() = default;
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  void write_all(std::span<const std::byte> bytes);
  void write_all(std::string_view text);
  void write_all_at(std::span<const std::byte> bytes, std::uint64_t offset);
  std::size_t read_some(void* into, std::size_t size);                        // 0 at the end
  std::size_t read_some_at(std::span<std::byte> into, std::uint64_t offset);  // 0 at the end
  // All of `into`, or Error (failed): it ends before.
  void read_all_at(std::span<std::byte> into, std::uint64_t offset);
  void seek(std::uint64_t offset);
  void truncate(std::uint64_t size);  // gives back what is reserved behind that
  // Blocks for what will be written there, without a change of size; nothing where the file system has none.
  void reserve(std::uint64_t offset, std::uint64_t bytes);
  void sync();  // fdatasync
  std::uint64_t size() const;
  FileStamp stamp() const;
  int descriptor() const { return descriptor_; }
  const Path& path() const { return path_; }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
  Path path_;
};

Bytes read_file(const Path& path);
void sync_path(const Path& file_or_folder);
// "." for a bare name.
Path folder_of(const Path& path);
// Creates `folder` and those above it that are missing.
void create_folders(const Path& folder);
// The same, and after a loss of power `folder` and all above it on its file system are there, whoever has
// created them.
void create_folders_durably(const Path& folder);
// Renames, then makes the rename durable (fsync of the folder).
void rename_durably(const Path& from, const Path& to);
// Writes to `path`.part, fsyncs, renames: a reader sees the old bytes or the new ones.
void replace_file(const Path& path, std::string_view text);

// An exclusive lock on a file, held while the object lives; the kernel frees it when the process dies.
class FileLock {
 public:
  // Waits up to wait_s for another holder to go; empty if it is still held then. The holder's process id is
  // in the file.
  static std::optional<FileLock> take(const Path& path, double wait_s);
  static std::string holder(const Path& path);

 private:
  explicit FileLock(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace millrace
