// SPDX-License-Identifier: Apache-2.0
// Heartbeats: a transport around another that lets the other ranks hear this one, and hears whether they are
// there. MPI itself notices neither a rank that hangs nor a link that is cut.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/transport/transport.hpp"

namespace millrace {

// Rank 0 watches the workers and they watch rank 0; workers do not know one another. Every packet counts as a
// sign of life, so heartbeats go only where nothing else went. Time counts while this rank runs: after a
// pause of its own (the whole job was stopped, a file system hung) it first hears what has arrived.
class HeartbeatTransport : public Transport {
 public:
  // A worker loses only idle time by waiting, and rank 0 may be held up by a slow file system.
  static constexpr double workers_patience = 4;

  explicit HeartbeatTransport(Transport& transport, const Clock& clock = system_clock());

  // Begins to send and to watch; a rank that is silent for longer than this is lost (a worker waits for rank
  // 0 workers_patience times as long). 0: nothing is sent or watched.
  void watch(double timeout_s);
  // Throws Error (rank_lost) when nothing has arrived and a watched rank has been silent for too long.
  std::optional<Packet> receive() override;
  void send(int to, Tag tag, Bytes bytes) override;
  // Does `step` on another thread while this one goes on sending heartbeats, and now and then does
  // `meanwhile`; throws what `step` throws.
  void beat_during(
      const std::function<void()>& step, const std::function<void()>& meanwhile = [] {});

  int rank() const override { return transport_.rank(); }
  int size() const override { return transport_.size(); }
  const std::string& host() const override { return transport_.host(); }
  bool is_one_process() const override { return transport_.is_one_process(); }
  void idle() override { transport_.idle(); }
  bool is_moving() const override { return transport_.is_moving(); }
  void wake() override { transport_.wake(); }
  void flush() override { transport_.flush(); }
  [[noreturn]] void abort(int exit_code) override;

 private:
  struct Peer {
    int rank = 0;
    double sent_s = 0, heard_s = 0;
    std::string host = {};  // known from its first heartbeat on
  };

  Peer* peer_of(int rank);
  void count_time();
  void beat();
  void hear(const Packet& packet);
  void look_for_the_lost() const;

  Transport& transport_;
  const Clock& clock_;
  std::vector<Peer> peers_;
  double timeout_s_ = 0, interval_s_ = 0;
  double last_s_ = 0;     // on the clock
  double elapsed_s_ = 0;  // time in which this rank was running
  double next_beat_s_ = 0;
};

}  // namespace millrace
