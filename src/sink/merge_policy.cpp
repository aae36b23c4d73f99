// SPDX-License-Identifier: Apache-2.0
#include "sink/merge_policy.hpp"

namespace millrace {
namespace {

constexpr std::uint64_t fan_in = 16;

struct Run {
  std::size_t first;
  std::uint64_t size;
};

// The longest run at the end whose segments are smaller than `bound`.
Run run_below(const std::vector<std::uint64_t>& sizes, std::uint64_t bound) {
  Run run{sizes.size(), 0};
  while (run.first > 0 && sizes[run.first - 1] < bound) run.size += sizes[--run.first];
  return run;
}

// From the run's beginning, as many as fit into one segment.
MergeRange fitting(const std::vector<std::uint64_t>& sizes, std::size_t first, std::uint64_t segment_rows) {
  std::uint64_t sum = 0;
  auto end = first;
  while (end < sizes.size() && sum + sizes[end] <= segment_rows) sum += sizes[end++];
  return end - first < 2 ? MergeRange{} : MergeRange{first, end - first};
}

}  // namespace

MergeRange segments_to_merge(const std::vector<std::uint64_t>& sizes, std::uint64_t segment_rows) {
  const auto full = segment_rows / 2 + 1;  // two of these do not fit into one
  std::uint64_t most = 2 * fan_in;         // an irregular run is merged before it is longer than this
  for (std::uint64_t next_tier = fan_in;; next_tier *= fan_in, most += fan_in) {
    const bool is_top = next_tier >= full;
    const auto run = run_below(sizes, is_top ? full : next_tier);
    const auto count = sizes.size() - run.first;
    if (count >= fan_in && (run.size >= next_tier || count >= most || (is_top && run.size >= full)))
      return fitting(sizes, run.first, segment_rows);
    if (is_top) return {};
  }
}

}  // namespace millrace
