// SPDX-License-Identifier: Apache-2.0
#include "run/extent_reader.hpp"

#include <algorithm>
#include <utility>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

bool is_here(const InputPart& part) {
  const auto stamp = stamp_of(part.name);
  return stamp && stamp->continues(part.stamp);
}

}  // namespace

bool ExtentReader::finds_all() const {
  return !parts_.empty() && std::all_of(parts_.begin(), parts_.end(), is_here);
}

void ExtentReader::read(const Extent& extent, std::span<std::byte> into) {
  const auto& part = parts_.at(extent.part);
  if (!file_ || open_part_ != extent.part) {
    file_ = File::open(part.name, File::Mode::read);
    open_part_ = extent.part;
  }
  file_.read_all_at(into, extent.offset);
  if (!file_.stamp().continues(part.stamp))
    throw Error(ExitCode::failed, part.name +
                                      ": changed since the run began; an input may grow meanwhile, but "
                                      "what is in it must stay");
}

const Bytes& ExtentReader::whole(const Bytes& block) {
  return whole_message(
      block, [this](const Extent& extent, auto into) { read(extent, into); }, whole_);
}

Bytes ExtentReader::take_whole(const Bytes& block) {
  whole(block);
  return std::exchange(whole_, {});
}

}  // namespace millrace
