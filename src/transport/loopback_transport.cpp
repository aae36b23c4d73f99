// SPDX-License-Identifier: Apache-2.0
// Ranks as threads of one process: a mailbox each. The bytes are handed over, not copied.
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <mutex>

#include "millrace/transport/transport.hpp"
#include "transport/backoff.hpp"

namespace millrace {
namespace {

struct Mailbox {
  std::mutex mutex;
  std::deque<Packet> packets;
  Backoff backoff;
};

using Mailboxes = std::vector<std::unique_ptr<Mailbox>>;

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

class LoopbackTransport : public Transport {
 public:
  LoopbackTransport(int rank, std::shared_ptr<Mailboxes> mailboxes)
      : rank_(rank), mailboxes_(std::move(mailboxes)), host_(host_name()) {}

  int rank() const override { return rank_; }
  int size() const override { return static_cast<int>(mailboxes_->size()); }
  const std::string& host() const override { return host_; }
  bool is_one_process() const override { return true; }

  void send(int to, Tag tag, Bytes bytes) override {
    auto& box = *mailboxes_->at(static_cast<std::size_t>(to));
    {
      const std::lock_guard lock(box.mutex);
      box.packets.push_back({rank_, tag, std::move(bytes)});
    }
    box.backoff.wake();
  }

  std::optional<Packet> receive() override {
    const std::lock_guard lock(mine().mutex);
    if (mine().packets.empty()) return std::nullopt;
    mine().backoff.reset();
    std::optional<Packet> packet(std::move(mine().packets.front()));
    mine().packets.pop_front();
    return packet;
  }

  void idle() override { mine().backoff.idle(); }
  bool is_moving() const override { return false; }
  void wake() override { mine().backoff.wake(); }
  void flush() override {}
  void abort(int exit_code) override { std::_Exit(exit_code); }

 private:
  Mailbox& mine() const { return *(*mailboxes_)[static_cast<std::size_t>(rank_)]; }

  int rank_;
  std::shared_ptr<Mailboxes> mailboxes_;
  std::string host_;
};

}  // namespace

std::vector<std::unique_ptr<Transport>> make_loopback_transports(int size) {
  auto mailboxes = std::make_shared<Mailboxes>();
  for (int rank = 0; rank < size; ++rank) mailboxes->push_back(std::make_unique<Mailbox>());
  std::vector<std::unique_ptr<Transport>> transports;
  for (int rank = 0; rank < size; ++rank)
    transports.push_back(std::make_unique<LoopbackTransport>(rank, mailboxes));
  return transports;
}

}  // namespace millrace
