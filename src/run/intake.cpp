// SPDX-License-Identifier: Apache-2.0
#include "run/intake.hpp"

#include <chrono>

#include "millrace/base/clock.hpp"

namespace millrace {
namespace {

// A trim between a refused append and the wait is then noticed all the same.
constexpr auto room_check = std::chrono::milliseconds(50);

}  // namespace

void Intake::keep(const Delivery& delivery) noexcept {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (failure_) room_.wait(lock);
    try {
      const auto outcome = journal_->append(delivery);
      if (outcome == Appended::redelivery) ++redeliveries_;
      is_blocked_ = outcome == Appended::full;
      if (!is_blocked_) return note_time();
    } catch (...) {
      fail_for_good(lock);
    }
    room_.wait_for(lock, room_check);
  }
}

void Intake::note_time() {
  last_s_ = system_clock().now_s();
  if (first_s_ == 0) first_s_ = last_s_;
}

double Intake::receiving_s() const {
  const std::lock_guard lock(mutex_);
  return last_s_ - first_s_;
}

void Intake::begin_session() noexcept {
  std::unique_lock lock(mutex_);
  try {
    journal_->begin_session();
  } catch (...) {
    fail_for_good(lock);
  }
}

void Intake::fail_for_good(std::unique_lock<std::mutex>& lock) noexcept {
  failure_ = std::current_exception();
  is_blocked_ = true;
  for (;;) room_.wait(lock);
}

template <class Work>
auto Intake::guard(Work work) {
  try {
    return work();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    is_blocked_ = true;
    throw;
  }
}

void Intake::append(const JournalBoundary& boundary) {
  guard([&] { journal_->append(boundary); });
}

bool Intake::next(JournalReader& reader, JournalPayload& payload) {
  return guard([&] { return reader.next(payload); });
}

void Intake::trim(JournalPosition committed) {
  guard([&] { journal_->trim(committed); });
  room_.notify_all();
}

void Intake::check() const {
  if (!is_blocked_) return;
  const std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace millrace
