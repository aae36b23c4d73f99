// SPDX-License-Identifier: Apache-2.0
// A queue between two threads that holds a bounded number of values.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace millrace {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // Waits while the queue is full. False, and the value dropped, once the queue is closed.
  bool push(T value) {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [&] { return closed_ || values_.size() < capacity_; });
    if (closed_) return false;
    values_.push_back(std::move(value));
    not_empty_.notify_one();
    return true;
  }

  // False at once, and the value untouched, if the queue is full or closed.
  bool try_push(T& value) {
    const std::lock_guard lock(mutex_);
    if (closed_ || values_.size() >= capacity_) return false;
    values_.push_back(std::move(value));
    not_empty_.notify_one();
    return true;
  }

  // Waits for a value. Empty once the queue is closed and drained.
  std::optional<T> pop() {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [&] { return closed_ || !values_.empty(); });
    return take();
  }

  // The same, but waits no longer than timeout_s. Empty after that as well.
  std::optional<T> pop_for(double timeout_s) {
    std::unique_lock lock(mutex_);
    not_empty_.wait_for(lock, std::chrono::duration<double>(timeout_s),
                        [&] { return closed_ || !values_.empty(); });
    return take();
  }

  bool is_drained() const {
    const std::lock_guard lock(mutex_);
    return closed_ && values_.empty();
  }

  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take();
  }

  // No more values come in; those inside can still be taken.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    not_full_.notify_all();
    not_empty_.notify_all();
  }

  // No more values come in, and those inside are dropped.
  void abandon() {
    close();
    const std::lock_guard lock(mutex_);
    values_.clear();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

 private:
  std::optional<T> take() {
    if (values_.empty()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    not_full_.notify_one();
    return value;
  }

  mutable std::mutex mutex_;
  std::condition_variable not_full_, not_empty_;
  std::deque<T> values_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace millrace
