// SPDX-License-Identifier: Apache-2.0
// The contract on MPI: run under mpirun, exits with 0 if it holds.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>

#include "transport/contract.hpp"

namespace {

using namespace millrace;

constexpr std::size_t large = 40u << 20;

void send_and_stop(Transport& transport) {
  Bytes pid(sizeof(pid_t));
  const auto own = ::getpid();
  std::memcpy(pid.data(), &own, sizeof own);
  transport.send(0, Tag::log, std::move(pid));
  transport.send(0, Tag::result, Bytes(large));
  const bool was_moving = transport.is_moving();
  std::raise(SIGSTOP);
  transport.flush();
  if (!was_moving || transport.is_moving()) throw std::runtime_error("a packet moves until it has left");
}

Packet next_packet(Transport& transport) {
  while (true)
    if (auto packet = transport.receive()) return std::move(*packet);
}

void wait_until_stopped(pid_t process) {
  std::string text;
  while (text.find(") T") == text.npos) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::getline(stat, text);
  }
}

// Without a copy by the kernel (vader's single copy), the sender must take part. A receive that waits is
// ended by the alarm.
void a_receive_does_not_wait_for_a_sender_that_is_stopped(Transport& transport) {
  if (transport.rank() == 1) return send_and_stop(transport);
  if (transport.rank() != 0 || transport.size() == 1) return;
  ::alarm(30);
  pid_t sender = 0;
  std::memcpy(&sender, next_packet(transport).bytes.data(), sizeof sender);
  wait_until_stopped(sender);
  std::optional<Packet> packet;
  for (int i = 0; i < 1000 && !packet; ++i) packet = transport.receive();
  const bool is_moving = transport.is_moving();
  ::kill(sender, SIGCONT);
  if (packet.has_value() == is_moving) throw std::runtime_error("a packet moves until it is here whole");
  if (!packet) packet = next_packet(transport);
  ::alarm(0);
  if (packet->bytes.size() != large)
    throw std::runtime_error("a packet of a sender that was stopped arrives whole");
}

}  // namespace

int main(int argc, char** argv) {
  const auto transport = make_mpi_transport(&argc, &argv);
  try {
    test::packets_between_two_ranks_arrive_in_order_and_whole(*transport);
    test::a_packet_that_a_rank_sends_to_itself_arrives(*transport);
    test::large_and_empty_packets_arrive(*transport);
    test::a_wake_ends_an_idle_sleep(*transport);
    a_receive_does_not_wait_for_a_sender_that_is_stopped(*transport);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "rank %d: %s\n", transport->rank(), failure.what());
    transport->abort(1);
  }
}
