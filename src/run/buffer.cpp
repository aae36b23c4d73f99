// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/buffer.hpp"

namespace millrace {

Buffer::Buffer(const BufferLimits& limits, std::uint64_t first_sequence)
    : limits_(limits), next_sequence_(first_sequence) {}

bool Buffer::is_due(double scheduled_s) const {
  return limits_.timeout_s > 0 && builder_.rows() > 0 &&
         scheduled_s >= first_scheduled_s_ + limits_.timeout_s;
}

std::optional<CutMessage> Buffer::add(const SourceRow& row, double now_unix_s) {
  std::optional<CutMessage> message;
  const bool too_large = builder_.rows() > 0 && builder_.bytes() + row.bytes.size() > limits_.bytes;
  if (too_large || is_due(row.scheduled_s)) message = cut();
  append(row, now_unix_s);
  if (builder_.rows() >= limits_.rows) message = cut();
  return message;
}

void Buffer::append(const SourceRow& row, double now_unix_s) {
  const auto index = static_cast<std::uint32_t>(builder_.rows());
  if (index == 0) {
    open_.first_arrival_unix_s = now_unix_s;
    first_scheduled_s_ = row.scheduled_s;
  }
  if (index == 0 || row.part != open_.origins.back().part || row.line != next_line_)
    open_.origins.push_back({index, row.part, row.line});
  next_line_ = row.line + 1;
  open_.behind = row.behind;
  open_.last_arrival_unix_s = now_unix_s;
  builder_.add_row(row.bytes);
}

std::optional<CutMessage> Buffer::cut_if_due(double scheduled_s) {
  return is_due(scheduled_s) ? cut() : std::nullopt;
}

std::optional<CutMessage> Buffer::cut() {
  if (builder_.rows() == 0) return std::nullopt;
  open_.sequence = next_sequence_++;
  open_.rows = builder_.rows();
  open_.block = builder_.finish(open_.sequence);
  return std::exchange(open_, {});
}

}  // namespace millrace
