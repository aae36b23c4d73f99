// SPDX-License-Identifier: Apache-2.0
#include "run/heartbeat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

// Several may be late before the time-out is up.
constexpr double beats_per_timeout = 8;
// The most that one turn of this rank's own loop counts for, in parts of the time-out.
constexpr double longest_turn = 0.25;
constexpr double most_wait_s = 0.2;

Bytes bytes_of(const std::string& text) {
  Bytes bytes;
  ByteWriter(bytes).raw(text.data(), text.size());
  return bytes;
}

}  // namespace

HeartbeatTransport::HeartbeatTransport(Transport& transport, const Clock& clock)
    : transport_(transport), clock_(clock) {
  if (rank() > 0) peers_.push_back({0});
  for (int worker = 1; rank() == 0 && worker < size(); ++worker) peers_.push_back({worker});
}

void HeartbeatTransport::watch(double timeout_s) {
  timeout_s_ = timeout_s;
  interval_s_ = timeout_s / beats_per_timeout;
  last_s_ = clock_.now_s();
  for (auto& peer : peers_) peer.heard_s = elapsed_s_;
  for (auto& peer : peers_) peer.sent_s = elapsed_s_ - interval_s_;  // the first one goes at once
  next_beat_s_ = elapsed_s_;
}

HeartbeatTransport::Peer* HeartbeatTransport::peer_of(int rank) {
  const auto place = static_cast<std::size_t>(this->rank() == 0 ? rank - 1 : rank);
  return place < peers_.size() ? &peers_[place] : nullptr;
}

void HeartbeatTransport::count_time() {
  const auto now = clock_.now_s();
  elapsed_s_ += std::min(now - last_s_, longest_turn * timeout_s_);
  last_s_ = now;
}

void HeartbeatTransport::send(int to, Tag tag, Bytes bytes) {
  if (auto* peer = peer_of(to)) peer->sent_s = elapsed_s_;
  transport_.send(to, tag, std::move(bytes));
}

void HeartbeatTransport::beat() {
  count_time();
  if (elapsed_s_ < next_beat_s_) return;
  next_beat_s_ = elapsed_s_ + interval_s_;
  for (auto& peer : peers_) {
    if (elapsed_s_ - peer.sent_s >= interval_s_) send(peer.rank, Tag::heartbeat, bytes_of(host()));
    next_beat_s_ = std::min(next_beat_s_, peer.sent_s + interval_s_);
  }
}

void HeartbeatTransport::hear(const Packet& packet) {
  auto* peer = peer_of(packet.from);
  if (peer == nullptr) return;
  peer->heard_s = elapsed_s_;
  if (packet.tag == Tag::heartbeat && peer->host.empty())
    peer->host.assign(reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size());
}

std::optional<Packet> HeartbeatTransport::receive() {
  if (timeout_s_ > 0) beat();
  while (auto packet = transport_.receive()) {
    hear(*packet);
    if (packet->tag != Tag::heartbeat) return packet;
  }
  if (timeout_s_ > 0) look_for_the_lost();
  return std::nullopt;
}

void HeartbeatTransport::abort(int exit_code) {
  transport_.abort(exit_code);
  std::_Exit(exit_code);  // gcc does not take a virtual function for one that never returns
}

void HeartbeatTransport::look_for_the_lost() const {
  const auto patience_s = timeout_s_ * (rank() == 0 ? 1 : workers_patience);
  for (const auto& peer : peers_) {
    if (elapsed_s_ - peer.heard_s <= patience_s) continue;
    throw Error(ExitCode::rank_lost,
                fmt::format("rank {}{} is lost: rank {} on {} has not heard of it for {:.1f} s "
                            "(heartbeat_timeout_s is {})",
                            peer.rank, peer.host.empty() ? "" : " on " + peer.host, rank(), host(),
                            elapsed_s_ - peer.heard_s, timeout_s_));
  }
}

void HeartbeatTransport::beat_during(const std::function<void()>& step,
                                     const std::function<void()>& meanwhile) {
  const double look_every_s = timeout_s_ > 0 ? std::min(interval_s_ / 4, most_wait_s) : most_wait_s;
  auto done = std::async(std::launch::async, step);
  while (done.wait_for(std::chrono::duration<double>(look_every_s)) != std::future_status::ready) {
    if (timeout_s_ > 0) beat();
    meanwhile();
  }
  for (auto& peer : peers_) peer.heard_s = elapsed_s_;  // what has arrived meanwhile is not taken yet
  done.get();
}

}  // namespace millrace
