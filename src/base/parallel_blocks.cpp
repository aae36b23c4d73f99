// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/parallel_blocks.hpp"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace millrace {
namespace {

// About 50 us: the time between two blocks of one message. Most waits are over within the looks before the
// first yield.
constexpr int yields = 100, looks_before_yield = 500;

// Waits until `value` is no longer `old`.
void await_change(std::atomic<int>& value, int old) {
  for (int yield = 0; yield < yields; ++yield) {
    for (int look = 0; look < looks_before_yield; ++look)
      if (value.load() != old) return;
    std::this_thread::yield();
  }
  value.wait(old);
}

thread_local bool is_in_a_block = false;  // then it starts no threads

// Puts back what was there before.
template <class Value>
class Temporarily {
 public:
  Temporarily(Value& place, Value value) : place_(place), before_(std::exchange(place, value)) {}
  Temporarily(const Temporarily&) = delete;
  Temporarily& operator=(const Temporarily&) = delete;
  ~Temporarily() { place_ = before_; }

 private:
  Value& place_;
  Value before_;
};

// Every thread begins with a share of its own, the same one for the same number of blocks, so that it finds
// in its core's cache what it left there; then it helps the others.
class Blocks {
 public:
  Blocks(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work)
      : shares_(threads), work_(work) {
    for (std::size_t thread = 0; thread < threads; ++thread) {
      shares_[thread].next = count * thread / threads;
      shares_[thread].end = count * (thread + 1) / threads;
    }
  }

  void work_on(std::size_t thread) {
    for (std::size_t turn = 0; turn < shares_.size(); ++turn)
      work_on(shares_[(thread + turn) % shares_.size()]);
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  struct alignas(64) Share {
    std::atomic<std::size_t> next = 0;
    std::size_t end = 0;
  };

  void work_on(Share& share) {
    const Temporarily<bool> here(is_in_a_block, true);
    for (auto block = share.next++; block < share.end; block = share.next++) {
      try {
        work_(block);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
  }

  std::vector<Share> shares_;
  const std::function<void(std::size_t)>& work_;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

// Hands blocks to the threads of one OpenMP region. OpenMP's own loops end in a barrier that waits for every
// thread, also for one that has nothing to do and that the system does not run just now: with the cores busy
// elsewhere a message took ten times as long. Here the caller waits only for blocks that another thread has
// begun.
class Team {
 public:
  void run(Blocks& blocks) {
    offered_ = &blocks;
    announce();
    blocks.work_on(0);
    offered_ = nullptr;
    for (int inside = inside_.load(); inside != 0; inside = inside_.load()) await_change(inside_, inside);
  }

  void serve(std::size_t thread) {
    for (int seen = 0; !closed_; seen = news_.load()) {
      inside_.fetch_add(1);
      if (auto* blocks = offered_.load()) blocks->work_on(thread);
      inside_.fetch_sub(1);
      inside_.notify_one();
      await_change(news_, seen);
    }
  }

  void close() {
    closed_ = true;
    announce();
  }

 private:
  void announce() {
    news_.fetch_add(1);
    news_.notify_all();
  }

  std::atomic<Blocks*> offered_ = nullptr;
  std::atomic<int> news_ = 0;
  std::atomic<int> inside_ = 0;  // threads that may be at work on what is offered
  std::atomic<bool> closed_ = false;
};

thread_local Team* team_of_this_thread = nullptr;  // the threads that are kept ready for it

// Calls body(team) on this thread, while the team's other threads serve.
void with_team(int threads, const std::function<void(Team&)>& body) {
  Team team;
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
  {
#pragma omp master
    {
      try {
        body(team);
      } catch (...) {
        failure = std::current_exception();
      }
      team.close();
    }
    team.serve(static_cast<std::size_t>(omp_get_thread_num()));
  }
  if (failure) std::rethrow_exception(failure);
}

// For messages of a few rows, Blocks would take longer than the work.
void work_alone(std::size_t count, const std::function<void(std::size_t)>& work) {
  const Temporarily<bool> here(is_in_a_block, true);
  std::exception_ptr failure;
  for (std::size_t block = 0; block < count; ++block) {
    try {
      work(block);
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

void with_threads(int threads, const std::function<void()>& body) {
  if (threads <= 1 || is_in_a_block) return body();
  with_team(threads, [&](Team& team) {
    const Temporarily<Team*> kept(team_of_this_thread, &team);
    body();
  });
}

void parallel_blocks(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  const auto shares = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
  if (shares <= 1 || is_in_a_block) return work_alone(count, work);
  Blocks blocks(count, shares, work);
  if (auto* team = team_of_this_thread)
    team->run(blocks);
  else
    with_team(static_cast<int>(shares), [&](Team& started) { started.run(blocks); });
  blocks.rethrow();
}

}  // namespace millrace
