// SPDX-License-Identifier: Apache-2.0
#include "sink/manifest_state.hpp"

#include <algorithm>
#include <stdexcept>

namespace millrace {
namespace {

// put(x, writer) and get(reader, x) mirror one another, field by field.
using Out = ByteWriter;
using In = ByteReader;

void put(const std::string& text, Out& out) {
  out.text(text);
}
void get(In& in, std::string& text) {
  text = in.text();
}
void put(std::uint64_t number, Out& out) {
  out.value(number);
}
void get(In& in, std::uint64_t& number) {
  number = in.value<std::uint64_t>();
}
void put(std::uint32_t number, Out& out) {
  out.value(number);
}
void get(In& in, std::uint32_t& number) {
  number = in.value<std::uint32_t>();
}
void put(bool flag, Out& out) {
  out.value(static_cast<std::uint8_t>(flag));
}
void get(In& in, bool& flag) {
  flag = in.value<std::uint8_t>() != 0;
}

void put(const StageCount& stage, Out& out) {
  out.value(stage.seconds);
  out.value(stage.rows_dropped);
}
void get(In& in, StageCount& stage) {
  stage.seconds = in.value<double>();
  stage.rows_dropped = in.value<std::uint64_t>();
}

void put(const RecordedPart& part, Out& out) {
  out.text(part.name);
  out.value(part.bytes);
  out.text(part.hash);
}
void get(In& in, RecordedPart& part) {
  part.name = in.text();
  part.bytes = in.value<std::uint64_t>();
  part.hash = in.text();
}

void put(const Requeue& requeue, Out& out) {
  out.text(requeue.project);
  out.value(requeue.end_bytes);
}
void get(In& in, Requeue& requeue) {
  requeue.project = in.text();
  requeue.end_bytes = in.value<std::uint64_t>();
}

void put(const ColumnInfo& info, Out& out) {
  out.text(info.name);
  out.value(info.type);
  out.text(info.unit);
  out.value(info.role);
  out.value(info.encoding);
  out.value(info.width);
}
void get(In& in, ColumnInfo& info) {
  info.name = in.text();
  info.type = in.value<Type>();
  info.unit = in.text();
  info.role = in.value<Role>();
  info.encoding = in.value<TextEncoding>();
  info.width = in.value<std::uint32_t>();
  if (info.type > Type::time || info.encoding > TextEncoding::fixed)
    throw std::out_of_range("damaged bytes: an unknown type of column");
}

// Declared ahead for the lists of them.
void put(const SegmentRecord& segment, Out& out);
void get(In& in, SegmentRecord& segment);
void put(const LabelTable& table, Out& out);
void get(In& in, LabelTable& table);

template <class T>
void put(const std::vector<T>& list, Out& out) {
  out.value(static_cast<std::uint32_t>(list.size()));
  for (const auto& item : list) put(item, out);
}
template <class T>
void get(In& in, std::vector<T>& list) {
  const auto count = in.value<std::uint32_t>();
  list.clear();
  for (std::uint32_t item = 0; item < count; ++item) get(in, list.emplace_back());
}

template <class K, class V>
void put(const std::map<K, V>& map, Out& out) {
  out.value(static_cast<std::uint32_t>(map.size()));
  for (const auto& [key, value] : map) {
    put(key, out);
    put(value, out);
  }
}
template <class K, class V>
void get(In& in, std::map<K, V>& map) {
  const auto count = in.value<std::uint32_t>();
  map.clear();
  for (std::uint32_t item = 0; item < count; ++item) {
    K key{};
    get(in, key);
    get(in, map[key]);
  }
}

void put(const SourcePosition& position, Out& out) {
  out.value(position);
}
void get(In& in, SourcePosition& position) {
  position = in.value<SourcePosition>();
}
static_assert(sizeof(SourcePosition) == 32, "written as it lies");

void put(const Totals& totals, Out& out) {
  for (const auto number : {totals.messages, totals.rows_in, totals.rows_out, totals.rows_rejected,
                            totals.unknown_keys, totals.rows_requeued})
    out.value(number);
  put(totals.stages, out);
  put(totals.reject_reasons, out);
  put(totals.unknown_key_names, out);
}
void get(In& in, Totals& totals) {
  for (auto* number : {&totals.messages, &totals.rows_in, &totals.rows_out, &totals.rows_rejected,
                       &totals.unknown_keys, &totals.rows_requeued})
    get(in, *number);
  get(in, totals.stages);
  get(in, totals.reject_reasons);
  get(in, totals.unknown_key_names);
}

void put(const SegmentRecord& segment, Out& out) {
  for (const auto number : {segment.number, segment.first_sequence, segment.messages, segment.first_row,
                            segment.rows, segment.first_fit, segment.fits, segment.bytes, segment.crc64})
    out.value(number);
  put(segment.valid_columns, out);
}
void get(In& in, SegmentRecord& segment) {
  for (auto* number : {&segment.number, &segment.first_sequence, &segment.messages, &segment.first_row,
                       &segment.rows, &segment.first_fit, &segment.fits, &segment.bytes, &segment.crc64})
    get(in, *number);
  get(in, segment.valid_columns);
}

void put(const OutputHeader& header, Out& out) {
  put(header.identity, out);
  put(header.input_schema, out);
  put(header.result_schema.columns, out);
  put(header.stages, out);
  put(header.attributes, out);
}
void get(In& in, OutputHeader& header) {
  get(in, header.identity);
  get(in, header.input_schema);
  get(in, header.result_schema.columns);
  get(in, header.stages);
  get(in, header.attributes);
}

void put(const BeginEntry& entry, Out& out) {
  put(entry.sink, out);
  put(entry.source_row, out);
  put(entry.keep_fits, out);
  put(entry.header, out);
  put(entry.parts, out);
}
void get(In& in, BeginEntry& entry) {
  get(in, entry.sink);
  get(in, entry.source_row);
  get(in, entry.keep_fits);
  get(in, entry.header);
  get(in, entry.parts);
}

void put(const ResumeEntry& entry, Out& out) {
  put(entry.attributes, out);
  put(entry.parts, out);
}
void get(In& in, ResumeEntry& entry) {
  get(in, entry.attributes);
  get(in, entry.parts);
}

void put(const std::optional<SegmentRecord>& segment, Out& out) {
  put(segment.has_value(), out);
  if (segment) put(*segment, out);
}
void get(In& in, std::optional<SegmentRecord>& segment) {
  bool is_there = false;
  get(in, is_there);
  if (is_there) get(in, segment.emplace());
}

void put(const CommitEntry& entry, Out& out) {
  put(entry.next_sequence, out);
  put(entry.position, out);
  put(entry.added, out);
  put(entry.finished, out);
  put(entry.segment, out);
  put(entry.text_bytes, out);
  put(entry.reject_bytes, out);
  put(entry.requeued_bytes, out);
  put(entry.new_labels, out);
  put(entry.new_fit_names, out);
}
void get(In& in, CommitEntry& entry) {
  get(in, entry.next_sequence);
  get(in, entry.position);
  get(in, entry.added);
  get(in, entry.finished);
  get(in, entry.segment);
  get(in, entry.text_bytes);
  get(in, entry.reject_bytes);
  get(in, entry.requeued_bytes);
  get(in, entry.new_labels);
  get(in, entry.new_fit_names);
}

void put(const MergeEntry& entry, Out& out) {
  put(entry.replaced, out);
  put(entry.merged, out);
}
void get(In& in, MergeEntry& entry) {
  get(in, entry.replaced);
  get(in, entry.merged);
}

void put(const RequeueEntry& entry, Out& out) {
  put(entry.requeue, out);
  put(entry.new_stages, out);
}
void get(In& in, RequeueEntry& entry) {
  get(in, entry.requeue);
  get(in, entry.new_stages);
}

void put(const LabelTable& table, Out& out) {
  out.value(static_cast<std::uint32_t>(table.committed() - 1));
  for (std::size_t code = 1; code < table.committed(); ++code) out.text(table.label(code));
}
void get(In& in, LabelTable& table) {
  const auto count = in.value<std::uint32_t>();
  for (std::uint32_t label = 0; label < count; ++label) table.code_of(in.text());
  table.set_committed(table.size());
}

void put(const ManifestState& state, Out& out) {
  put(BeginEntry{state.sink, state.source_row, state.keep_fits, state.output.header, state.output.parts},
      out);
  put(state.output.next_sequence, out);
  put(state.output.position, out);
  put(state.output.totals, out);
  put(state.output.finished, out);
  put(state.segments, out);
  put(state.next_segment, out);
  put(state.labels, out);
  put(state.fit_names, out);
  put(state.text_bytes, out);
  put(state.output.reject_bytes, out);
  put(state.output.requeued_bytes, out);
  put(state.output.requeues, out);
}

void commit_labels(const std::vector<std::string>& labels, LabelTable& table) {
  for (const auto& label : labels) table.code_of(label);
  table.set_committed(table.committed() + labels.size());
}

void apply(BeginEntry entry, ManifestState& state) {
  state = {};
  state.sink = std::move(entry.sink);
  state.source_row = entry.source_row;
  state.keep_fits = entry.keep_fits;
  state.output.header = std::move(entry.header);
  state.output.parts = std::move(entry.parts);
  state.labels.resize(state.output.header.result_schema.columns.size());
}

void apply(ResumeEntry entry, ManifestState& state) {
  state.output.header.attributes = std::move(entry.attributes);
  state.output.parts = std::move(entry.parts);
  state.output.finished = false;
}

void apply(CommitEntry entry, ManifestState& state) {
  state.output.next_sequence = entry.next_sequence;
  state.output.position = entry.position;
  state.output.finished = entry.finished;
  add_totals(entry.added, state.output.totals);
  state.text_bytes = entry.text_bytes;
  state.output.reject_bytes = entry.reject_bytes;
  state.output.requeued_bytes = entry.requeued_bytes;
  for (const auto& [column, labels] : entry.new_labels) commit_labels(labels, state.labels.at(column));
  commit_labels(entry.new_fit_names, state.fit_names);
  if (!entry.segment) return;
  state.next_segment = std::max(state.next_segment, entry.segment->number + 1);
  state.segments.push_back(std::move(*entry.segment));
}

void apply(MergeEntry entry, ManifestState& state) {
  const auto first = std::find_if(state.segments.begin(), state.segments.end(), [&](const auto& segment) {
    return !entry.replaced.empty() && segment.number == entry.replaced.front();
  });
  if (static_cast<std::size_t>(state.segments.end() - first) < entry.replaced.size() ||
      first == state.segments.end())
    throw std::out_of_range("damaged bytes: a merge of segments that are not there");
  state.next_segment = std::max(state.next_segment, entry.merged.number + 1);
  *first = std::move(entry.merged);
  state.segments.erase(first + 1, first + static_cast<std::ptrdiff_t>(entry.replaced.size()));
}

void apply(RequeueEntry entry, ManifestState& state) {
  state.output.requeues.push_back(std::move(entry.requeue));
  auto& stages = state.output.header.stages;
  stages.insert(stages.end(), entry.new_stages.begin(), entry.new_stages.end());
}

void apply_checkpoint(In& in, ManifestState& state) {
  BeginEntry begin;
  get(in, begin);
  apply(std::move(begin), state);
  get(in, state.output.next_sequence);
  get(in, state.output.position);
  get(in, state.output.totals);
  get(in, state.output.finished);
  get(in, state.segments);
  get(in, state.next_segment);
  get(in, state.labels);
  get(in, state.fit_names);
  get(in, state.text_bytes);
  get(in, state.output.reject_bytes);
  get(in, state.output.requeued_bytes);
  get(in, state.output.requeues);
}

template <class Entry>
void apply_as(In& in, ManifestState& state) {
  Entry entry;
  get(in, entry);
  apply(std::move(entry), state);
}

}  // namespace

void encode_entry(const ManifestEntry& entry, const ManifestState& state, Bytes& out) {
  ByteWriter writer(out);
  writer.value(static_cast<std::uint8_t>(entry.index() + 1));
  std::visit(
      [&](const auto& kind) {
        if constexpr (std::is_same_v<std::decay_t<decltype(kind)>, CheckpointEntry>)
          put(state, writer);
        else
          put(kind, writer);
      },
      entry);
}

void apply_entry(std::span<const std::byte> encoded, ManifestState& state) {
  ByteReader reader(encoded);
  switch (reader.value<std::uint8_t>()) {
    case 1:
      return apply_as<BeginEntry>(reader, state);
    case 2:
      return apply_as<ResumeEntry>(reader, state);
    case 3:
      return apply_as<CommitEntry>(reader, state);
    case 4:
      return apply_as<MergeEntry>(reader, state);
    case 5:
      return apply_checkpoint(reader, state);
    case 6:
      return apply_as<RequeueEntry>(reader, state);
    default:
      throw std::out_of_range("damaged bytes: an unknown kind of entry");
  }
}

}  // namespace millrace
