// SPDX-License-Identifier: Apache-2.0
#include "transport/backoff.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace millrace {
namespace {

constexpr int spin_limit = 200;
constexpr int least_sleep_us = 20;
constexpr int most_sleep_us = 1000;

}  // namespace

void Backoff::idle() {
  if (spins_ < spin_limit) {
    ++spins_;
    std::this_thread::yield();
    return;
  }
  sleep_us_ = std::clamp(sleep_us_ * 2, least_sleep_us, most_sleep_us);
  std::unique_lock lock(mutex_);
  if (condition_.wait_for(lock, std::chrono::microseconds(sleep_us_), [&] { return woken_; })) {
    woken_ = false;
    lock.unlock();
    reset();
  }
}

void Backoff::reset() {
  spins_ = 0;
  sleep_us_ = 0;
}

void Backoff::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  condition_.notify_one();
}

}  // namespace millrace
