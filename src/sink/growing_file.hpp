// SPDX-License-Identifier: Apache-2.0
// A file that only grows, whose committed length stands in the manifest: csv and jsonl results, quarantined
// rows.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/base/files.hpp"

namespace millrace {

class GrowingFile {
 public:
  explicit GrowingFile(Path path) : path_(std::move(path)) {}

  // Cuts the file back to `committed` bytes, or removes it if there are none. Throws Error (failed) if it is
  // shorter.
  void recover(std::uint64_t committed);
  void remove();
  // Text to come; it may stay here until it is a megabyte or sealed.
  std::string& pending() { return pending_; }
  void flush_if_large();
  // Everything so far is durable; its length. The file is created when the first byte comes.
  std::uint64_t seal();

  static constexpr std::uint64_t memory_bound = 3u << 20;

 private:
  void flush();

  Path path_;
  File file_;
  std::string pending_;
  std::uint64_t length_ = 0;
  bool is_synced_ = true;
};

}  // namespace millrace
