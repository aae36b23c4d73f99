// SPDX-License-Identifier: Apache-2.0
#include "run/message_threads.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include "millrace/base/clock.hpp"
#include "millrace/base/parallel_blocks.hpp"
#include "millrace/codec/result_codec.hpp"

namespace millrace {

MessageThreads::MessageThreads(const SetUp& set_up, int rank, BoundedQueue<Bytes>& messages,
                               std::function<void(Bytes)> take)
    : messages_(messages), take_(std::move(take)) {
  for (int thread = 0; thread < set_up.threads; ++thread)
    threads_.push_back(std::make_unique<Thread>(Thread{MessageProcessor(set_up, rank)}));
}

void MessageThreads::run() {
  const auto all = static_cast<int>(threads_.size());
  with_threads(all, [&] {
    while (auto message = messages_.pop()) {
      if (all > 1 && messages_.size() > 0)
        compute_each(std::move(*message));
      else
        compute(*threads_[0], *message, all);
    }
  });
}

// Ends with the first thread that finds no message: it would wait in vain while the others keep the queue
// empty.
void MessageThreads::compute_each(Bytes first) {
  std::atomic<bool> is_over = false;
  const auto next = [&] { return is_over ? std::nullopt : messages_.try_pop(); };
  parallel_blocks(threads_.size(), static_cast<int>(threads_.size()), [&](std::size_t index) {
    auto message = index == 0 ? std::optional(std::move(first)) : next();
    for (; message; message = next()) compute(*threads_[index], *message, 1);
    is_over = true;
  });
}

void MessageThreads::compute(Thread& thread, const Bytes& message, int threads) {
  const auto begin = system_clock().now_s();
  Bytes result;
  try {
    encode_result(thread.processor.process(message, threads), threads, result);
  } catch (...) {
    messages_.abandon();
    throw;
  }
  thread.busy_s += (system_clock().now_s() - begin) * threads;
  ++thread.messages;
  take_(std::move(result));
}

double MessageThreads::busy_s() const {
  double all = 0;
  for (const auto& thread : threads_) all += thread->busy_s;
  return all / static_cast<double>(threads_.size());
}

std::uint64_t MessageThreads::messages() const {
  std::uint64_t all = 0;
  for (const auto& thread : threads_) all += thread->messages;
  return all;
}

}  // namespace millrace
