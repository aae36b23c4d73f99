// SPDX-License-Identifier: Apache-2.0
#include "sink/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "millrace/base/checksum.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/base/step.hpp"

namespace millrace {
namespace {

constexpr std::string_view magic = "millrace manifest 3\n", magic_of_any_version = "millrace manifest ";
constexpr std::uint64_t entries_per_checkpoint = 256;

struct EntryHead {
  std::uint32_t bytes;  // of what follows: number and payload
  std::uint32_t crc;    // of the same
};
struct FoundEntry {
  std::uint64_t number;
  std::span<const std::byte> payload;
  std::size_t end;
};

Bytes framed(std::uint64_t number, const ManifestEntry& entry, const ManifestState& state) {
  Bytes out(sizeof(EntryHead));
  ByteWriter(out).value(number);
  encode_entry(entry, state, out);
  const auto body = std::span(out).subspan(sizeof(EntryHead));
  const EntryHead head{static_cast<std::uint32_t>(body.size()), crc32(body)};
  std::memcpy(out.data(), &head, sizeof head);
  return out;
}

std::optional<FoundEntry> entry_at(std::span<const std::byte> log, std::size_t at) {
  EntryHead head;
  if (log.size() - at < sizeof head + sizeof(std::uint64_t)) return std::nullopt;
  std::memcpy(&head, log.data() + at, sizeof head);
  at += sizeof head;
  if (head.bytes < sizeof(std::uint64_t) || head.bytes > log.size() - at) return std::nullopt;
  const auto body = log.subspan(at, head.bytes);
  if (crc32(body) != head.crc) return std::nullopt;
  FoundEntry found{0, body.subspan(sizeof found.number), at + head.bytes};
  std::memcpy(&found.number, body.data(), sizeof found.number);
  return found;
}

// A torn append has nothing whole behind it; damage in the middle has.
bool has_entry_behind(std::span<const std::byte> log, std::size_t at, std::uint64_t number) {
  for (auto place = at + 1; place < log.size(); ++place) {
    const auto found = entry_at(log, place);
    if (found && found->number > number) return true;
  }
  return false;
}

[[noreturn]] void throw_damaged(const Path& path, std::size_t at) {
  throw Error(ExitCode::failed,
              fmt::format("{}: damaged at byte {}, with whole entries behind it: restore it from a "
                          "copy, or start anew with --overwrite",
                          path.string(), at));
}

}  // namespace

ManifestForm form_of(const Path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return ManifestForm::foreign;
  std::string begin(magic.size(), '\0');
  auto file = File::open(path, File::Mode::read);
  begin.resize(file.read_some(begin.data(), begin.size()));
  if (begin == magic) return ManifestForm::ours;
  return begin.starts_with(magic_of_any_version) ? ManifestForm::of_another_version : ManifestForm::foreign;
}

ManifestLog read_manifest(const Path& path) {
  const auto bytes = read_file(path);
  const std::span log(bytes);
  if (log.size() < magic.size() || std::memcmp(log.data(), magic.data(), magic.size()) != 0)
    throw Error(ExitCode::failed, path.string() + (form_of(path) == ManifestForm::of_another_version
                                                       ? ": was written by another version of Millrace"
                                                       : ": is not a manifest of Millrace"));
  ManifestLog result;
  std::size_t at = magic.size();
  try {
    for (auto entry = entry_at(log, at); entry; entry = entry_at(log, at)) {
      const bool is_first = at == magic.size();
      if (!is_first && entry->number != result.next_number) throw_damaged(path, at);
      apply_entry(entry->payload, result.state);
      result.entries_since_checkpoint += is_first ? 0 : 1;
      result.next_number = entry->number + 1;
      at = entry->end;
    }
  } catch (const std::out_of_range&) {
    throw_damaged(path, at);
  }
  if (at < log.size() && has_entry_behind(log, at, result.next_number)) throw_damaged(path, at);
  result.good_bytes = at;
  return result;
}

void Manifest::create(const Path& path) {
  replace_file(path, magic);
}

Manifest Manifest::open(const Path& path) {
  auto log = read_manifest(path);
  Manifest manifest;
  manifest.file_ = File::open(path, File::Mode::append);
  const auto size = manifest.file_.size();
  if (size > log.good_bytes) {
    log_warning(fmt::format("{}: a commit was cut off while it was written; {} bytes of it are dropped",
                            path.string(), size - log.good_bytes));
    manifest.file_.truncate(log.good_bytes);
    manifest.file_.sync();
  }
  manifest.length_ = log.good_bytes;
  manifest.next_number_ = log.next_number;
  manifest.entries_since_checkpoint_ = log.entries_since_checkpoint;
  manifest.state_ = std::move(log.state);
  return manifest;
}

void Manifest::append(const ManifestEntry& entry) {
  const auto bytes = framed(next_number_, entry, state_);
  append_framed(bytes);
  apply_entry(std::span(bytes).subspan(sizeof(EntryHead) + sizeof next_number_), state_);
  ++next_number_;
  if (++entries_since_checkpoint_ >= entries_per_checkpoint) write_checkpoint();
}

void Manifest::append_framed(std::span<const std::byte> bytes) {
  try {
    reach_step("manifest append");
    file_.write_all(bytes);
    reach_step("manifest sync");
    file_.sync();
    reach_step("manifest appended");
  } catch (...) {
    file_.truncate(length_);
    throw;
  }
  length_ += bytes.size();
}

void Manifest::write_checkpoint() {
  const auto entry = framed(next_number_, CheckpointEntry{}, state_);
  std::string text(magic);
  text.append(reinterpret_cast<const char*>(entry.data()), entry.size());
  const auto path = file_.path();
  reach_step("checkpoint");
  replace_file(path, text);
  reach_step("checkpoint renamed");
  file_ = File::open(path, File::Mode::append);
  length_ = text.size();
  ++next_number_;
  entries_since_checkpoint_ = 0;
}

}  // namespace millrace
