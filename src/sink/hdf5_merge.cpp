// SPDX-License-Identifier: Apache-2.0
#include "sink/hdf5_merge.hpp"

#include <algorithm>

#include "millrace/base/error.hpp"
#include "millrace/base/step.hpp"
#include "sink/file_checksum.hpp"
#include "sink/merge_policy.hpp"

namespace millrace {
namespace {

constexpr double stay_s = 60;
constexpr std::uint64_t merged_rows = 8192;

template <class Append>
void copy_table(const Hdf5TableReader& from, const Append& append) {
  for (std::uint64_t row = 0; row < from.rows(); row += merged_rows)
    append(from.read(row, std::min(merged_rows, from.rows() - row)));
}

void copy_segment(const MergeSource& source, const SegmentRecord& segment, SegmentWriter& writer) {
  const auto path = source.segments / segment_name(segment.number);
  if (crc64_of_file(path) != segment.crc64)
    throw Error(ExitCode::failed, path.string() + ": damaged since it was committed: restore it from a copy");
  const SegmentReader reader(source.segments, segment, source.layout);
  copy_table(reader.rows(), [&](const Frame& rows) { writer.append_rows(rows); });
  copy_table(reader.messages(), [&](const Frame& messages) { writer.append_provenance(messages); });
  if (reader.fits()) copy_table(*reader.fits(), [&](const Frame& fits) { writer.append_fits(fits); });
}

}  // namespace

std::optional<MergeEntry> merge_neighbours(const MergeSource& source, SegmentWriter& writer) {
  const auto& segments = source.state.segments;
  std::vector<std::uint64_t> sizes;
  for (const auto& segment : segments) sizes.push_back(segment.size());
  const auto range = segments_to_merge(sizes, source.segment_rows);
  if (range.count == 0) return std::nullopt;
  auto record = segments[range.first];
  record.number = source.state.next_segment;
  writer.start(record);
  MergeEntry entry;
  for (std::size_t index = range.first; index < range.first + range.count; ++index) {
    copy_segment(source, segments[index], writer);
    entry.replaced.push_back(segments[index].number);
  }
  entry.merged = writer.finish();
  return entry;
}

void ReplacedSegments::remove_first() {
  reach_step("merge remove");
  std::error_code ignored;  // what is left over goes at the next start
  std::filesystem::remove(waiting_.front().path, ignored);
  waiting_.pop_front();
}

bool ReplacedSegments::has_older_than(double now_s) const {
  return !waiting_.empty() && now_s - waiting_.front().since_s >= stay_s;
}

void ReplacedSegments::remove_older_than(double now_s) {
  while (has_older_than(now_s)) remove_first();
}

void ReplacedSegments::remove_all() {
  while (!waiting_.empty()) remove_first();
}

}  // namespace millrace
