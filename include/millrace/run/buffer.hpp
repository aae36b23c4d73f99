// SPDX-License-Identifier: Apache-2.0
// Buffer: collects rows until k are there, a byte limit or an age is reached, and cuts a message. Which rows
// go together follows from the rows and their scheduled times alone, never from how fast they were taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "millrace/frame/message.hpp"
#include "millrace/source/source.hpp"

namespace millrace {

// The limits hold where the rows allow a cut (SourceRow::cut).
struct BufferLimits {
  std::size_t rows = 1000;       // the buffering factor
  std::size_t bytes = 64 << 20;  // a message holds less than this, or one row
  double timeout_s = 0;          // after its first row's scheduled time; 0: none
};

// A payload that a live source could not take apart, or what is kept of a row that was too long: it stands in
// the message as one row that no decoder takes, and is quarantined with its own bytes and reason.
struct RefusedPayload {
  std::uint32_t row = 0;
  std::string reason, bytes;
  bool is_payload = true;
  std::string topic = {};
};

// A message ready for dispatch, with what stays on rank 0.
struct CutMessage {
  std::uint64_t sequence = 0;
  Bytes block;
  std::size_t rows = 0;
  std::size_t bytes_in_files = 0;  // of its rows: the block has extents
  SourcePosition behind;
  std::vector<Origin> origins;
  std::vector<RefusedPayload> refused;    // ascending by row
  std::vector<std::uint64_t> input_rows;  // of rows that are put back: each one's index in the input
  double first_arrival_unix_s = 0, last_arrival_unix_s = 0;
};

// What it takes of memory here or at a worker: its rows, and what stays.
std::size_t bytes_of(const CutMessage& message);

// Messages in order that are dispatched together: a packet, a hand-over between threads and a system call for
// each message of a few rows would take longer than the rows.
class Bundle {
 public:
  Bundle() = default;
  Bundle(CutMessage message) { add(std::move(message)); }
  void add(CutMessage message);
  // Takes the blocks away: what a worker gets, one behind the other. What stays is rank 0's own.
  Bytes take_blocks();
  const std::vector<CutMessage>& messages() const { return messages_; }
  std::vector<CutMessage>& messages() { return messages_; }
  std::size_t bytes() const { return bytes_; }  // of what it takes of memory, here or at a worker

 private:
  std::vector<CutMessage> messages_;
  std::size_t bytes_ = 0;
};

class Buffer {
 public:
  Buffer(const BufferLimits& limits, std::uint64_t first_sequence);

  // The message that has to end before this row, if any (byte limit, age). To be asked before add().
  std::optional<CutMessage> cut_before(const SourceRow& row);
  // Takes the row; the message that ends with it, if any (k rows).
  std::optional<CutMessage> add(const SourceRow& row, double now_unix_s);
  // The message whose age is up at `scheduled_s`, when all rows scheduled before have been added.
  std::optional<CutMessage> cut_if_due(double scheduled_s);
  // What is left, at the end of the input or where a live one is to be committed. Empty inside a payload.
  std::optional<CutMessage> cut();
  std::size_t rows() const { return builder_.rows(); }

 private:
  bool is_due(double scheduled_s) const;
  std::optional<CutMessage> cut_whole();
  std::size_t bytes() const { return builder_.bytes() + refused_bytes_; }
  void append(const SourceRow& row, double now_unix_s);
  void append_bytes(const SourceRow& row, std::uint32_t index);

  BufferLimits limits_;
  MessageBuilder builder_;
  CutMessage open_;
  std::uint64_t next_sequence_;
  std::uint64_t next_line_ = 0;
  double first_scheduled_s_ = 0;
  std::size_t refused_bytes_ = 0;
  Cut last_cut_ = Cut::may;
};

}  // namespace millrace
