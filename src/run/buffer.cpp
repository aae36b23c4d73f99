// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/buffer.hpp"

#include <algorithm>
#include <utility>

#include "millrace/codec/payload.hpp"

namespace millrace {

namespace {

std::size_t bytes_of(const RefusedPayload& refused) {
  return sizeof refused + refused.bytes.size() + refused.topic.size() + refused.reason.size();
}

}  // namespace

std::size_t bytes_of(const CutMessage& message) {
  auto bytes = sizeof message + message.block.size() + message.bytes_in_files +
               message.origins.size() * sizeof(Origin) + message.input_rows.size() * sizeof(std::uint64_t);
  for (const auto& refused : message.refused) bytes += bytes_of(refused);
  return bytes;
}

void Bundle::add(CutMessage message) {
  bytes_ += bytes_of(message);
  messages_.push_back(std::move(message));
}

Bytes Bundle::take_blocks() {
  Bytes blocks;
  if (messages_.size() == 1) blocks = std::exchange(messages_.front().block, {});
  bytes_ = 0;
  for (auto& message : messages_) {
    ByteWriter(blocks).raw(message.block.data(), message.block.size());
    message.block = {};
    message.bytes_in_files = 0;
    bytes_ += bytes_of(message);
  }
  return blocks;
}

Buffer::Buffer(const BufferLimits& limits, std::uint64_t first_sequence)
    : limits_(limits), next_sequence_(first_sequence) {}

bool Buffer::is_due(double scheduled_s) const {
  return limits_.timeout_s > 0 && builder_.rows() > 0 &&
         scheduled_s >= first_scheduled_s_ + limits_.timeout_s;
}

std::optional<CutMessage> Buffer::cut_before(const SourceRow& row) {
  if (builder_.rows() == 0) return std::nullopt;
  if (row.begins_message) return cut_whole();
  const auto coming = std::max(row.bytes.size(), row.payload_bytes);
  if (last_cut_ == Cut::may && (bytes() + coming > limits_.bytes || is_due(row.scheduled_s)))
    return cut_whole();
  return std::nullopt;
}

std::optional<CutMessage> Buffer::add(const SourceRow& row, double now_unix_s) {
  append(row, now_unix_s);
  last_cut_ = row.cut;
  if (row.cut == Cut::must || (row.cut == Cut::may && builder_.rows() >= limits_.rows)) return cut_whole();
  return std::nullopt;
}

void Buffer::append(const SourceRow& row, double now_unix_s) {
  const auto index = static_cast<std::uint32_t>(builder_.rows());
  const auto arrival_unix_s = row.arrival_unix_s > 0 ? row.arrival_unix_s : now_unix_s;
  if (index == 0) {
    open_.first_arrival_unix_s = arrival_unix_s;
    first_scheduled_s_ = row.scheduled_s;
  }
  if (index == 0 || row.part != open_.origins.back().part || row.line != next_line_)
    open_.origins.push_back({index, row.part, row.line});
  next_line_ = row.line + 1;
  open_.behind = row.behind;
  open_.last_arrival_unix_s = arrival_unix_s;
  if (row.input_row) open_.input_rows.push_back(*row.input_row);
  append_bytes(row, index);
}

void Buffer::append_bytes(const SourceRow& row, std::uint32_t index) {
  if (row.refusal.empty() && row.at) {
    builder_.add_row(Extent{row.part, *row.at, row.bytes.size()});
    open_.bytes_in_files += row.bytes.size();
    return;
  }
  if (row.refusal.empty()) {
    builder_.add_row(row.bytes);
    return;
  }
  builder_.add_row(refused_payload_row);
  open_.refused.push_back(
      {index, std::string(row.refusal), std::string(row.bytes), row.is_payload, std::string(row.topic)});
  refused_bytes_ += bytes_of(open_.refused.back());
}

std::optional<CutMessage> Buffer::cut_if_due(double scheduled_s) {
  return is_due(scheduled_s) ? cut() : std::nullopt;
}

std::optional<CutMessage> Buffer::cut() {
  return last_cut_ == Cut::must_not ? std::nullopt : cut_whole();
}

std::optional<CutMessage> Buffer::cut_whole() {
  if (builder_.rows() == 0) return std::nullopt;
  open_.sequence = next_sequence_++;
  open_.rows = builder_.rows();
  open_.block = builder_.finish(open_.sequence);
  refused_bytes_ = 0;
  return std::exchange(open_, {});
}

}  // namespace millrace
