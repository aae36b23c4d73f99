// SPDX-License-Identifier: Apache-2.0
// The threads of a worker. While messages wait for more than half of them, each thread takes one of its own
// (or a bundle of small ones): threads that share a message fetch its columns from one another's cache, in
// every pass over it. Otherwise all share one, so that its result is there sooner.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "millrace/base/bounded_queue.hpp"
#include "run/message_processor.hpp"

namespace millrace {

class MessageThreads {
 public:
  // `take` gets the encoded results in any order, from any of the threads.
  MessageThreads(const SetUp& set_up, int rank, BoundedQueue<Bytes>& messages,
                 std::function<void(Bytes result)> take);

  // Computes messages until the queue is closed and empty. A message that throws abandons the queue; the
  // exception comes out of here, once no other message is in work.
  void run();
  // After run(). Seconds in decode, chain and encode, of all threads on average.
  double busy_s() const;
  std::uint64_t messages() const;

 private:
  void compute_each(Bytes first);
  void compute(MessageProcessor& processor, const Bytes& message, int threads);

  BoundedQueue<Bytes>& messages_;
  std::function<void(Bytes)> take_;
  std::vector<std::unique_ptr<MessageProcessor>> processors_;  // of each thread
};

}  // namespace millrace
