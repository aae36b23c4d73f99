// SPDX-License-Identifier: Apache-2.0
#include "journal/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "millrace/base/error.hpp"
#include "millrace/codec/chunk_codec.hpp"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "millrace journal", prefix = "segment-", suffix = ".journal";
constexpr std::uint32_t version = 2;  // the same as 1, which had no tail
constexpr std::size_t digits = 20, checked_bytes = 24;

std::optional<SegmentNumber> number_of(const std::string& name) {
  if (name.size() != prefix.size() + digits + suffix.size() || !name.starts_with(prefix) ||
      !name.ends_with(suffix))
    return std::nullopt;
  SegmentNumber number = 0;
  const auto* const begin = name.data() + prefix.size();
  const auto result = std::from_chars(begin, begin + digits, number);
  if (result.ec != std::errc() || result.ptr != begin + digits) return std::nullopt;
  return number;
}

bool is_unfinished(std::string name) {
  if (!name.ends_with(".part")) return false;
  name.resize(name.size() - std::string_view(".part").size());
  return number_of(name).has_value();
}

std::uint64_t header_check(SegmentNumber number, std::span<const std::byte> header) {
  return crc64(crc64(0, std::as_bytes(std::span(&number, 1))), header.first(checked_bytes));
}

bool lies_before(const Segment& segment, SegmentNumber number) {
  return segment.number < number;
}

std::size_t read_up_to(File& file, std::span<std::byte> into) {
  std::size_t have = 0;
  while (have < into.size()) {
    const auto count = file.read_some(into.data() + have, into.size() - have);
    if (count == 0) break;
    have += count;
  }
  return have;
}

}  // namespace

Path segment_path(const Path& folder, SegmentNumber number) {
  return folder / fmt::format("{}{:020}{}", prefix, number, suffix);
}

std::vector<Segment> find_segments(const Path& folder) {
  std::vector<Segment> segments;
  std::vector<Path> unfinished;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (const auto number = number_of(name)) segments.push_back({*number, entry.path(), entry.file_size()});
    if (is_unfinished(name)) unfinished.push_back(entry.path());
  }
  for (const auto& path : unfinished) fs::remove(path);
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return segments;
}

Bytes encode_segment_header(SegmentNumber number) {
  Bytes header;
  ByteWriter out(header);
  out.raw(magic.data(), magic.size());
  out.value(version);
  out.value(std::uint32_t{0});
  out.value(header_check(number, header));
  return header;
}

bool has_segment_header(File& file, SegmentNumber number) {
  Bytes header(segment_header_bytes);
  if (read_up_to(file, header) < header.size()) return false;
  ByteReader in{std::span(header).subspan(magic.size())};
  const auto found = in.value<std::uint32_t>();
  in.value<std::uint32_t>();
  if (in.value<std::uint64_t>() != header_check(number, header)) return false;
  if (found == 0 || found > version)
    throw Error(ExitCode::project_refused,
                fmt::format("{}: a journal of version {}, and this program reads version {}: empty it with "
                            "the program that wrote it",
                            file.path().string(), found, version));
  return true;
}

SegmentList::SegmentList(std::vector<Segment> segments) {
  for (auto& segment : segments) push(std::move(segment));
}

void SegmentList::push(Segment segment) {
  const std::lock_guard lock(mutex_);
  bytes_ += segment.bytes;
  segments_.push_back(std::move(segment));
}

void SegmentList::publish(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  segments_.back().bytes += bytes;
}

void SegmentList::remove_first() {
  const std::lock_guard lock(mutex_);
  bytes_ -= segments_.front().bytes;
  segments_.pop_front();
}

SegmentNumber SegmentList::first() const {
  const std::lock_guard lock(mutex_);
  return segments_.front().number;
}

SegmentNumber SegmentList::last() const {
  const std::lock_guard lock(mutex_);
  return segments_.back().number;
}

SegmentList::Progress SegmentList::progress(SegmentNumber number) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::lower_bound(segments_.begin(), segments_.end(), number, lies_before);
  if (found == segments_.end() || found->number != number) return {0, false};
  return {found->bytes, std::next(found) == segments_.end()};
}

Segment SegmentList::after(SegmentNumber number) const {
  const std::lock_guard lock(mutex_);
  return *std::lower_bound(segments_.begin(), segments_.end(), number + 1, lies_before);
}

Segment SegmentList::holding(std::uint64_t payload) const {
  const std::lock_guard lock(mutex_);
  const auto behind = std::lower_bound(segments_.begin(), segments_.end(), payload + 1, lies_before);
  return behind == segments_.begin() ? *behind : *std::prev(behind);
}

}  // namespace millrace
