// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace millrace::mqtt {

struct Reply {
  bool is_good = false;
  int code = 0;      // if it isn't: the broker's reason code, or the library's, which is negative
  std::string text;  // the library's
  std::vector<int> reason_codes;  // one for each thing that was asked for
  bool is_abandoned = false;      // the connection was lost: there will be no other
};

// One request, and its reply from another thread.
class Request {
 public:
  enum class Kind { connect, other };
  explicit Request(std::size_t things = 0, Kind kind = Kind::other) : things_(things), kind_(kind) {}
  std::size_t things() const { return things_; }
  bool is_connect() const { return kind_ == Kind::connect; }

  void reply(Reply reply) {
    const std::lock_guard lock(mutex_);
    reply_ = std::move(reply);
    replied_.notify_all();
  }

  void abandon() {
    const std::lock_guard lock(mutex_);
    if (reply_) return;
    reply_.emplace();
    reply_->is_abandoned = true;
    replied_.notify_all();
  }

  std::optional<Reply> wait(double timeout_s) {
    std::unique_lock lock(mutex_);
    replied_.wait_for(lock, std::chrono::duration<double>(timeout_s), [&] { return reply_.has_value(); });
    return reply_;
  }

 private:
  const std::size_t things_;
  const Kind kind_;
  std::mutex mutex_;
  std::condition_variable replied_;
  std::optional<Reply> reply_;
};

}  // namespace millrace::mqtt
