// SPDX-License-Identifier: Apache-2.0
#include "run/message_threads.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include "millrace/base/parallel_blocks.hpp"

namespace millrace {

MessageThreads::MessageThreads(const SetUp& set_up, int rank, BoundedQueue<Bytes>& messages,
                               std::function<void(Bytes)> take)
    : messages_(messages), take_(std::move(take)) {
  const auto chain = std::make_shared<const Chain>(set_up.input, set_up.chain);
  for (int thread = 0; thread < set_up.threads; ++thread)
    processors_.push_back(std::make_unique<MessageProcessor>(set_up, chain, rank));
}

void MessageThreads::run() {
  const auto all = static_cast<int>(processors_.size());
  with_threads(all, [&] {
    while (auto message = messages_.pop()) {
      if (all > 1 && 2 * (messages_.size() + 1) > processors_.size())
        compute_each(std::move(*message));
      else
        compute(*processors_[0], *message, all);
    }
  });
}

// Ends with the first thread that finds no message: it would wait in vain while the others keep the queue
// empty.
void MessageThreads::compute_each(Bytes first) {
  std::atomic<bool> is_over = false;
  const auto next = [&] { return is_over ? std::nullopt : messages_.try_pop(); };
  parallel_blocks(processors_.size(), static_cast<int>(processors_.size()), [&](std::size_t index) {
    auto message = index == 0 ? std::optional(std::move(first)) : next();
    for (; message; message = next()) compute(*processors_[index], *message, 1);
    is_over = true;
  });
}

void MessageThreads::compute(MessageProcessor& processor, const Bytes& message, int threads) {
  try {
    take_(processor.compute(message, threads));
  } catch (...) {
    messages_.abandon();
    throw;
  }
}

double MessageThreads::busy_s() const {
  double all = 0;
  for (const auto& processor : processors_) all += processor->busy_s();
  return all / static_cast<double>(processors_.size());
}

std::uint64_t MessageThreads::messages() const {
  std::uint64_t all = 0;
  for (const auto& processor : processors_) all += processor->messages();
  return all;
}

}  // namespace millrace
