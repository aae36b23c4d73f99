// SPDX-License-Identifier: Apache-2.0
// The manifest: a checksummed log of what was committed. One commit is one append, so it is there or not.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "millrace/base/files.hpp"
#include "sink/manifest_state.hpp"

namespace millrace {

class Manifest {
 public:
  // A log without entries, durable, in place of whatever was there.
  static void create(const Path& path);
  // For writing: a torn entry at the end is cut off. Throws Error (failed) if the log is damaged before its
  // end.
  static Manifest open(const Path& path);

  const ManifestState& state() const { return state_; }
  // For adding labels, which become part of the state when they are committed.
  std::vector<LabelTable>& label_tables() { return state_.labels; }
  LabelTable& fit_names() { return state_.fit_names; }
  std::uint64_t entries() const { return next_number_; }  // ever appended

  // Appends and makes durable; state() then includes it. On failure the log is cut back to what it held
  // before and Error thrown. After 256 entries the log is begun anew with a checkpoint.
  void append(const ManifestEntry& entry);

 private:
  void append_framed(std::span<const std::byte> framed);
  void write_checkpoint();

  File file_;
  std::uint64_t length_ = 0, next_number_ = 0, entries_since_checkpoint_ = 0;
  ManifestState state_;
};

// What reading a log gave; nothing is changed on disk.
struct ManifestLog {
  ManifestState state;
  std::uint64_t good_bytes = 0;  // up to the end of the last whole entry
  std::uint64_t next_number = 0, entries_since_checkpoint = 0;
};
// Throws Error (failed) if it is no manifest or damaged before its end.
ManifestLog read_manifest(const Path& path);
// By how the file begins; foreign if there is none.
enum class ManifestForm { ours, of_another_version, foreign };
ManifestForm form_of(const Path& path);

}  // namespace millrace
