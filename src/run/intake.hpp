// SPDX-License-Identifier: Apache-2.0
// Intake: where a live source's own threads put its deliveries into the journal, before they are
// acknowledged.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

#include "millrace/journal/journal.hpp"

namespace millrace {

class Intake {
 public:
  explicit Intake(std::unique_ptr<Journal> journal) : journal_(std::move(journal)) {}

  // Returns once the delivery is in the journal. Waits while that is full; never returns after a failure,
  // since the delivery would be acknowledged.
  void keep(const Delivery& delivery) noexcept;
  void begin_session() noexcept;
  void resume_session() noexcept { journal_->resume_session(); }

  // As the journal and its reader do. What they throw ends the intake too: nothing is acknowledged any more.
  void append(const JournalBoundary& boundary);
  bool next(JournalReader& reader, JournalPayload& payload);
  // The sink has committed: there may be room again.
  void trim(JournalPosition committed);
  // Throws what the others met.
  void check() const;
  bool is_blocked() const { return is_blocked_; }
  Journal& journal() { return *journal_; }
  std::uint64_t redeliveries() const { return redeliveries_; }
  // From the first delivery that was kept to the last.
  double receiving_s() const;

 private:
  void note_time();
  template <class Work>
  auto guard(Work work);
  [[noreturn]] void fail_for_good(std::unique_lock<std::mutex>& lock) noexcept;

  std::unique_ptr<Journal> journal_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::exception_ptr failure_;
  double first_s_ = 0, last_s_ = 0;
  std::atomic<bool> is_blocked_ = false;
  std::atomic<std::uint64_t> redeliveries_ = 0;
};

}  // namespace millrace
