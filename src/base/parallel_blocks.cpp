// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/parallel_blocks.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace millrace {
namespace {

// About 50 us: the time between two blocks of one message.
constexpr int spins = 100;

// Waits until `value` is no longer `old`.
void await_change(std::atomic<int>& value, int old) {
  for (int spin = 0; spin < spins; ++spin) {
    if (value.load() != old) return;
    std::this_thread::yield();
  }
  value.wait(old);
}

class Blocks {
 public:
  Blocks(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

  void work_on() {
    for (auto block = next_++; block < count_; block = next_++) {
      try {
        work_(block);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::size_t count_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
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
    blocks.work_on();
    offered_ = nullptr;
    for (int inside = inside_.load(); inside != 0; inside = inside_.load()) await_change(inside_, inside);
  }

  void serve() {
    for (int seen = 0; !closed_; seen = news_.load()) {
      inside_.fetch_add(1);
      if (auto* blocks = offered_.load()) blocks->work_on();
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

thread_local Team* team_of_this_thread = nullptr;

// While it lives, this thread's parallel_blocks() go to `team`.
class Membership {
 public:
  explicit Membership(Team* team) : before_(std::exchange(team_of_this_thread, team)) {}
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership() { team_of_this_thread = before_; }

 private:
  Team* before_;
};

void run_on_team(Blocks& blocks) {
  auto* team = team_of_this_thread;
  const Membership none(nullptr);  // a block's own blocks stay on its thread
  team->run(blocks);
}

}  // namespace

void with_threads(int threads, const std::function<void()>& body) {
  if (threads <= 1) return body();
  Team team;
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
  {
#pragma omp master
    {
      const Membership member(&team);
      try {
        body();
      } catch (...) {
        failure = std::current_exception();
      }
      team.close();
    }
    team.serve();
  }
  if (failure) std::rethrow_exception(failure);
}

void parallel_blocks(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  Blocks blocks(count, work);
  if (threads <= 1 || count <= 1)
    blocks.work_on();
  else if (team_of_this_thread != nullptr)
    run_on_team(blocks);
  else
    with_threads(threads, [&] { run_on_team(blocks); });
  blocks.rethrow();
}

}  // namespace millrace
