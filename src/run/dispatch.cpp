// SPDX-License-Identifier: Apache-2.0
#include "run/dispatch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "millrace/codec/result_codec.hpp"

namespace millrace {

Dispatch::Dispatch(Transport& transport, std::uint64_t first_sequence, const SetUp& set_up)
    : transport_(transport),
      threads_(static_cast<std::size_t>(set_up.threads)),
      credits_(credits(threads_)),
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
  const bool is_short = service_s_ && *service_s_ <= longest_own_s;
  return is_short && is_last_small_ && has_room(unwritten_bytes) &&
         workers_[least_loaded()].size() >= credits_;
}

bool Dispatch::takes_more(const Bundle& bundle) const {
  const auto messages = bundle.messages().size();
  if (messages == 0) return true;
  if (!service_s_ || bundle.bytes() >= bundle_bytes) return false;
  return static_cast<double>(messages + 1) * *service_s_ <= bundle_s;
}

void Dispatch::send(Bundle bundle) {
  last_ = least_loaded();
  const auto bytes = bundle.bytes();
  is_last_small_ = is_small(bundle);
  for (auto& message : bundle.messages())
    if (message.bytes_in_files > 0 && !reads_[last_]) message.block = reader_.take_whole(message.block);
  auto blocks = bundle.take_blocks();
  workers_[last_].push_back({std::move(bundle), bytes});
  held_bytes_ += bytes;
  ++in_flight_;
  transport_.send(static_cast<int>(last_) + 1, Tag::message, std::move(blocks));
}

void Dispatch::accept(Packet results) {
  auto& queue = workers_.at(static_cast<std::size_t>(results.from) - 1);
  const auto head = decode_head(results.bytes);
  const auto asked = std::find_if(queue.begin(), queue.end(), [&](const Sent& sent) {
    return sent.bundle.messages().front().sequence == head.sequence;
  });
  if (asked == queue.end()) throw std::logic_error("a worker sent a result that nobody asked for");
  auto sent = std::move(*asked);
  queue.erase(asked);
  --in_flight_;
  held_bytes_ -= sent.bytes;
  // All threads of a worker may have shared a message that came alone.
  const bool may_be_shared = sent.bundle.messages().size() == 1;
  service_s_ = head.service_s * static_cast<double>(may_be_shared ? threads_ : 1);
  wait_for_turn({std::move(results.bytes), std::move(sent.bundle)});
}

void Dispatch::take_own(Bundle bundle, Bytes results) {
  service_s_ = decode_head(results).service_s;
  wait_for_turn({std::move(results), std::move(bundle)});
}

void Dispatch::wait_for_turn(WriteJob job) {
  held_bytes_ += job.bytes();
  const auto first = job.bundle.messages().front().sequence;
  waiting_.emplace(first, std::move(job));
}

std::optional<WriteJob> Dispatch::next_in_order() {
  if (waiting_.empty() || waiting_.begin()->first != next_to_write_) return std::nullopt;
  auto job = std::move(waiting_.begin()->second);
  waiting_.erase(waiting_.begin());
  held_bytes_ -= job.bytes();
  next_to_write_ += job.bundle.messages().size();
  return job;
}

void Dispatch::put_back(WriteJob job) {
  next_to_write_ -= job.bundle.messages().size();
  wait_for_turn(std::move(job));
}

std::size_t Dispatch::in_flight() const {
  std::size_t messages = 0;
  for (const auto& worker : workers_)
    for (const auto& sent : worker) messages += sent.bundle.messages().size();
  return messages;
}

std::size_t Dispatch::waiting() const {
  std::size_t messages = 0;
  for (const auto& [first, job] : waiting_) messages += job.bundle.messages().size();
  return messages;
}

bool Dispatch::is_empty() const {
  return in_flight_ == 0 && waiting_.empty();
}

}  // namespace millrace
