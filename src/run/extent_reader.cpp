// SPDX-License-Identifier: Apache-2.0
#include "run/extent_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

// A system call for each message of one row would take as long as all that is done with it.
constexpr std::size_t ahead_bytes = 64u << 10;

bool is_here(const InputPart& part) {
  const auto stamp = stamp_of(part.name);
  return stamp && stamp->continues(part.stamp);
}

}  // namespace

bool ExtentReader::finds_all() const {
  return !parts_.empty() && std::all_of(parts_.begin(), parts_.end(), is_here);
}

void ExtentReader::open(std::size_t part) {
  if (file_ && open_part_ == part) return;
  file_ = File::open(parts_.at(part).name, File::Mode::read);
  open_part_ = part;
  ahead_.clear();
}

void ExtentReader::check(std::size_t part) const {
  if (!file_.stamp().continues(parts_[part].stamp))
    throw Error(ExitCode::failed, parts_[part].name +
                                      ": changed since the run began; an input may grow meanwhile, but "
                                      "what is in it must stay");
}

bool ExtentReader::is_ahead(const Extent& extent) const {
  const auto from = extent.offset - ahead_offset_;
  return extent.offset >= ahead_offset_ && from <= ahead_.size() && extent.bytes <= ahead_.size() - from;
}

void ExtentReader::read_ahead(const Extent& extent) {
  auto ahead = std::exchange(ahead_, {});
  ahead.resize(ahead_bytes);
  ahead.resize(file_.read_some_at(ahead, extent.offset));
  check(extent.part);
  ahead_ = std::move(ahead);
  ahead_offset_ = extent.offset;
}

void ExtentReader::read(const Extent& extent, std::span<std::byte> into) {
  open(extent.part);
  if (!is_ahead(extent) && extent.bytes <= ahead_bytes / 4) read_ahead(extent);
  if (is_ahead(extent)) {
    std::memcpy(into.data(), ahead_.data() + (extent.offset - ahead_offset_), extent.bytes);
    return;
  }
  file_.read_all_at(into, extent.offset);
  check(extent.part);
}

std::span<const std::byte> ExtentReader::whole(std::span<const std::byte> block) {
  return whole_message(
      block, [this](const Extent& extent, auto into) { read(extent, into); }, whole_);
}

Bytes ExtentReader::take_whole(std::span<const std::byte> block) {
  whole(block);
  return std::exchange(whole_, {});
}

}  // namespace millrace
