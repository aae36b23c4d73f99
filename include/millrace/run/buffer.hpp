// SPDX-License-Identifier: Apache-2.0
// Buffer: collects rows until k are there, a byte limit or an age is reached, and cuts a message. Which rows
// go together follows from the rows and their scheduled times alone, never from how fast they were taken.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "millrace/frame/message.hpp"
#include "millrace/source/source.hpp"

namespace millrace {

struct BufferLimits {
  std::size_t rows = 1000;       // the buffering factor
  std::size_t bytes = 64 << 20;  // a message holds less than this, or one row
  double timeout_s = 0;          // after its first row's scheduled time; 0: none
};

// A message ready for dispatch, with what stays on rank 0.
struct CutMessage {
  std::uint64_t sequence = 0;
  Bytes block;
  std::size_t rows = 0;
  SourcePosition behind;
  std::vector<Origin> origins;
  double first_arrival_unix_s = 0, last_arrival_unix_s = 0;
};

class Buffer {
 public:
  Buffer(const BufferLimits& limits, std::uint64_t first_sequence);

  // Takes the row; the message that this cut, if any: the one before the row (byte limit, age) or with it (k
  // rows). At most one of both, since a message that is cut before the row leaves an empty buffer.
  std::optional<CutMessage> add(const SourceRow& row, double now_unix_s);
  // The message whose age is up at `scheduled_s`, when all rows scheduled before have been added.
  std::optional<CutMessage> cut_if_due(double scheduled_s);
  // What is left, at the end of the input.
  std::optional<CutMessage> cut();
  std::size_t rows() const { return builder_.rows(); }

 private:
  bool is_due(double scheduled_s) const;
  void append(const SourceRow& row, double now_unix_s);

  BufferLimits limits_;
  MessageBuilder builder_;
  CutMessage open_;
  std::uint64_t next_sequence_;
  std::uint64_t next_line_ = 0;
  double first_scheduled_s_ = 0;
};

}  // namespace millrace
