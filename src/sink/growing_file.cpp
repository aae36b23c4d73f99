// SPDX-License-Identifier: Apache-2.0
#include "sink/growing_file.hpp"

#include <fmt/format.h>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"

namespace millrace {
namespace {

constexpr std::size_t flush_bytes = 1u << 20;

}  // namespace

void GrowingFile::recover(std::uint64_t committed) {
  length_ = committed;
  if (committed == 0) return remove();
  std::error_code missing;
  const auto size = std::filesystem::file_size(path_, missing);
  if (missing || size < committed)
    throw Error(
        ExitCode::failed,
        fmt::format("{}: {} of the {} bytes that were committed are there: restore it, or start anew with "
                    "--overwrite",
                    path_.string(), missing ? 0 : size, committed));
  file_ = File::open(path_, File::Mode::append);
  if (size > committed) file_.truncate(committed);
}

void GrowingFile::remove() {
  std::filesystem::remove(path_);
}

void GrowingFile::flush_if_large() {
  if (pending_.size() >= flush_bytes) flush();
}

void GrowingFile::flush() {
  if (pending_.empty()) return;
  if (!file_) {
    file_ = File::open(path_, File::Mode::append);
    sync_path(folder_of(path_));
  }
  file_.write_all(pending_);
  length_ += pending_.size();
  pending_.clear();
  is_synced_ = false;
}

std::uint64_t GrowingFile::seal() {
  reach_step("rejects write");
  flush();
  reach_step("rejects sync");
  if (!is_synced_) file_.sync();
  is_synced_ = true;
  return length_;
}

}  // namespace millrace
