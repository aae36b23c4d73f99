// SPDX-License-Identifier: Apache-2.0
#include "run/extent_reader.hpp"

#include <algorithm>
#include <utility>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

bool is_here(const InputPart& part) {
  try {
    return !part.hash.empty() && input_part(part.name) == part;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool ExtentReader::finds_all() const {
  return !parts_.empty() && std::all_of(parts_.begin(), parts_.end(), is_here);
}

void ExtentReader::read(const Extent& extent, std::span<std::byte> into) {
  if (!file_ || open_part_ != extent.part) {
    file_ = File::open(parts_.at(extent.part).name, File::Mode::read);
    open_part_ = extent.part;
  }
  file_.read_all_at(into, extent.offset);
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
