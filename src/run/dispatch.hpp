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
#include "run/set_up.hpp"
#include "run/writer.hpp"

namespace millrace {

class Dispatch {
 public:
  // Bundles in flight per worker: one in work in each of its threads, the next one for each, since they may
  // end together, and slack for the time a result waits at rank 0 and a bundle at the worker, milliseconds
  // each where the ranks share their cores. One more goes out that rank 0 meant for itself and found too
  // large.
  static constexpr std::size_t credits(std::size_t threads) { return 2 * threads + 6; }
  // Bytes of messages, of what rank 0 keeps of them, and of results, until they are written; one bundle may
  // go beyond.
  static constexpr std::size_t most_held_bytes = 128u << 20;
  // Of a bundle that rank 0 computes itself.
  static constexpr std::size_t most_own_bytes = 8u << 20;
  static constexpr double longest_own_s = 0.05;
  // A bundle is full once it takes a worker so long or has so many bytes.
  static constexpr double bundle_s = 200e-6;
  static constexpr std::size_t bundle_bytes = 256u << 10;

  // `set_up`: what the workers were told.
  Dispatch(Transport& transport, std::uint64_t first_sequence, const SetUp& set_up = {});

  // That worker reads extents itself from now on.
  void expect_to_read(int worker) { reads_.at(static_cast<std::size_t>(worker) - 1) = true; }
  // `unwritten_bytes`: of results that were taken from here and are held until they are written.
  bool can_send(std::size_t unwritten_bytes = 0) const;
  // Would one more message still be better off in this bundle than in one of its own?
  bool takes_more(const Bundle& bundle) const;
  void send(Bundle bundle);
  // Has rank 0 time to compute a bundle itself, while the workers have all they may have? Only where messages
  // are short and small: rank 0 is not heard meanwhile.
  bool has_time(std::size_t unwritten_bytes = 0) const;
  static bool is_small(const Bundle& bundle) { return bundle.bytes() <= most_own_bytes; }
  // Rank 0 computed these itself; the blocks are taken.
  void take_own(Bundle bundle, Bytes results);
  void accept(Packet results);
  // The result that is next in order, if it is here; put_back() it if it cannot be written yet.
  std::optional<WriteJob> next_in_order();
  void put_back(WriteJob job);
  // Nothing is in flight and nothing waits for its turn.
  bool is_empty() const;
  // Messages, at workers and with results that wait for an earlier one.
  std::size_t in_flight() const;
  std::size_t waiting() const;

 private:
  struct Sent {
    Bundle bundle;
    std::size_t bytes;
  };

  std::size_t least_loaded() const;
  bool has_room(std::size_t unwritten_bytes) const;
  void wait_for_turn(WriteJob job);

  Transport& transport_;
  std::size_t threads_, credits_;
  std::vector<std::deque<Sent>> workers_;      // what each was sent and has not answered yet
  std::map<std::uint64_t, WriteJob> waiting_;  // by the sequence number of the first message
  std::uint64_t next_to_write_;
  std::size_t in_flight_ = 0, held_bytes_ = 0, window_;
  std::size_t last_ = 0;
  std::optional<double> service_s_;  // of a message, on one thread: at most what the last result says
  bool is_last_small_ = false;       // the bundle that was sent last
  std::vector<bool> reads_;          // of each worker
  ExtentReader reader_;              // for those that do not
};

}  // namespace millrace
