// SPDX-License-Identifier: Apache-2.0
// Which segments to merge. Segments lie in tiers by size, 16 times apart; when 16 neighbours at the end of an
// output make up one of the next tier they are merged, so that each row is written again once a tier and the
// number of segments grows with the logarithm of the rows, up to segments of segment_rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace {

struct MergeRange {
  std::size_t first = 0, count = 0;  // count 0: nothing to merge
};

// `sizes`: rows (or messages, if more) of the segments in order.
MergeRange segments_to_merge(const std::vector<std::uint64_t>& sizes, std::uint64_t segment_rows);

}  // namespace millrace
