// SPDX-License-Identifier: Apache-2.0
#include "run/dispatch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "millrace/codec/result_codec.hpp"

namespace millrace {

Dispatch::Dispatch(Transport& transport, std::uint64_t first_sequence, const SetUp& set_up)
    : transport_(transport),
      credits_(credits(static_cast<std::size_t>(set_up.threads))),
      workers_(static_cast<std::size_t>(transport.size() - 1)),
      next_to_write_(first_sequence),
      window_(4 * credits_ * workers_.size()),
      reads_(workers_.size(), false),
      reader_(set_up.parts) {}

std::size_t Dispatch::least_loaded() const {
  auto best = (last_ + 1) % workers_.size();
  for (std::size_t i = 2; i <= workers_.size(); ++i) {
    const auto worker = (last_ + i) % workers_.size();
    if (workers_[worker].size() < workers_[best].size()) best = worker;
  }
  return best;
}

bool Dispatch::has_room(std::size_t unwritten_bytes) const {
  return in_flight_ + waiting_.size() < window_ && held_bytes_ + unwritten_bytes < most_held_bytes;
}

bool Dispatch::can_send(std::size_t unwritten_bytes) const {
  return has_room(unwritten_bytes) && workers_[least_loaded()].size() < credits_;
}

bool Dispatch::has_time(std::size_t unwritten_bytes) const {
  const bool is_short = service_s_ && *service_s_ <= longest_own_s && is_last_small_;
  return is_short && has_room(unwritten_bytes) && workers_[least_loaded()].size() >= credits_;
}

void Dispatch::send(CutMessage message) {
  last_ = least_loaded();
  const auto bytes = bytes_of(message);
  is_last_small_ = is_small(message);
  auto block = std::move(message.block);
  if (std::exchange(message.bytes_in_files, 0) > 0 && !reads_[last_]) block = reader_.take_whole(block);
  workers_[last_].push_back({std::move(message), bytes});
  held_bytes_ += bytes;
  ++in_flight_;
  transport_.send(static_cast<int>(last_) + 1, Tag::message, std::move(block));
}

void Dispatch::accept(Packet result) {
  auto& queue = workers_.at(static_cast<std::size_t>(result.from) - 1);
  const auto [sequence, service_s] = decode_head(result.bytes);
  const auto asked = std::find_if(queue.begin(), queue.end(), [sequence = sequence](const Sent& sent) {
    return sent.message.sequence == sequence;
  });
  if (asked == queue.end()) throw std::logic_error("a worker sent a result that nobody asked for");
  auto sent = std::move(*asked);
  queue.erase(asked);
  --in_flight_;
  held_bytes_ -= sent.bytes;
  service_s_ = service_s;
  wait_for_turn(std::move(sent.message), std::move(result.bytes));
}

void Dispatch::take_own(CutMessage message, Bytes result) {
  service_s_ = decode_head(result).service_s;
  message.block = {};
  message.bytes_in_files = 0;
  wait_for_turn(std::move(message), std::move(result));
}

void Dispatch::wait_for_turn(CutMessage message, Bytes result) {
  const auto sequence = message.sequence;
  WriteJob job{std::move(result), std::move(message)};
  held_bytes_ += job.bytes();
  waiting_.emplace(sequence, std::move(job));
}

std::optional<WriteJob> Dispatch::next_in_order() {
  if (waiting_.empty() || waiting_.begin()->first != next_to_write_) return std::nullopt;
  auto job = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  held_bytes_ -= job.bytes();
  ++next_to_write_;
  return job;
}

void Dispatch::put_back(WriteJob job) {
  --next_to_write_;
  held_bytes_ += job.bytes();
  waiting_.emplace(next_to_write_, std::move(job));
}

bool Dispatch::is_empty() const {
  return in_flight_ == 0 && waiting_.empty();
}

}  // namespace millrace
