// SPDX-License-Identifier: Apache-2.0
// Dispatch: hands messages to workers by credits, takes results in any order and gives them back in sequence
// order through a bounded window.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "millrace/run/buffer.hpp"
#include "millrace/transport/transport.hpp"
#include "run/extent_reader.hpp"
#include "run/writer.hpp"

namespace millrace {

class Dispatch {
 public:
  // Messages in flight per worker: one in work in each of its threads, one on its way, and slack for the time
  // a result waits at rank 0 and a message at the worker, milliseconds each where the ranks share their
  // cores.
  static constexpr std::size_t credits(std::size_t threads) { return threads + 7; }
  // Bytes of messages, of what rank 0 keeps of them, and of results, until they are written; one message may
  // go beyond.
  static constexpr std::size_t most_held_bytes = 128u << 20;

  // `threads`: of each worker. `parts`: of the input, for messages with extents.
  Dispatch(Transport& transport, std::uint64_t first_sequence, std::size_t threads = 1,
           std::vector<InputPart> parts = {});

  // That worker reads extents itself from now on.
  void expect_to_read(int worker) { reads_.at(static_cast<std::size_t>(worker) - 1) = true; }
  // `unwritten_bytes`: of results that were taken from here and are held until they are written.
  bool can_send(std::size_t unwritten_bytes = 0) const;
  void send(CutMessage message);
  void accept(Packet result);
  // The result that is next in order, if it is here; put_back() it if it cannot be written yet.
  std::optional<WriteJob> next_in_order();
  void put_back(WriteJob job);
  // Nothing is in flight and nothing waits for its turn.
  bool is_empty() const;
  std::size_t in_flight() const { return in_flight_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Sent {
    CutMessage message;
    std::size_t bytes;
  };

  std::size_t least_loaded() const;

  Transport& transport_;
  std::size_t credits_;
  std::vector<std::deque<Sent>> workers_;  // what each was sent and has not answered yet
  std::map<std::uint64_t, WriteJob> waiting_;
  std::uint64_t next_to_write_;
  std::size_t in_flight_ = 0, held_bytes_ = 0, window_;
  std::size_t last_ = 0;
  std::vector<bool> reads_;  // of each worker
  ExtentReader reader_;      // for those that do not
};

}  // namespace millrace
