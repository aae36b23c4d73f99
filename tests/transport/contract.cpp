// SPDX-License-Identifier: Apache-2.0
#include "transport/contract.hpp"

#include <chrono>
#include <map>
#include <stdexcept>
#include <thread>

namespace millrace::test {
namespace {

void expect(bool holds, const char* sentence) {
  if (!holds) throw std::runtime_error(sentence);
}

// The next packet for the check itself; those of the meeting behind it (a fast rank may be there already)
// wait.
thread_local std::vector<Packet> early;

Packet wait_for_packet(Transport& transport, bool of_meeting = false) {
  if (of_meeting && !early.empty()) {
    auto packet = std::move(early.back());
    early.pop_back();
    return packet;
  }
  for (int i = 0; i < 100'000; ++i) {
    auto packet = transport.receive();
    if (packet && (packet->tag == Tag::stopped) == (of_meeting && transport.rank() == 0))
      return std::move(*packet);
    if (packet) early.push_back(std::move(*packet));
    transport.idle();
  }
  throw std::runtime_error("a packet that was sent arrives");
}

Bytes numbered(std::uint32_t number, std::size_t size) {
  Bytes bytes(size, static_cast<std::byte>(number % 251));
  std::memcpy(bytes.data(), &number, std::min(size, sizeof number));
  return bytes;
}

// All ranks meet at rank 0, so that one check's packets never reach the next.
void meet(Transport& transport) {
  if (transport.rank() != 0) {
    transport.send(0, Tag::stopped, {});
    expect(wait_for_packet(transport, true).tag == Tag::stop, "rank 0 answers");
  } else {
    for (int rank = 1; rank < transport.size(); ++rank)
      expect(wait_for_packet(transport, true).tag == Tag::stopped, "every rank comes to the meeting");
    for (int rank = 1; rank < transport.size(); ++rank) transport.send(rank, Tag::stop, {});
  }
  transport.flush();
}

constexpr std::uint32_t count = 2000;

}  // namespace

void packets_between_two_ranks_arrive_in_order_and_whole(Transport& transport) {
  if (transport.rank() != 0) {
    for (std::uint32_t i = 0; i < count; ++i) transport.send(0, Tag::result, numbered(i, 4 + i % 9000));
    transport.flush();
  } else {
    std::map<int, std::uint32_t> next;
    const auto all = count * static_cast<std::uint32_t>(transport.size() - 1);
    for (std::uint32_t i = 0; i < all; ++i) {
      const auto packet = wait_for_packet(transport);
      const auto number = next[packet.from]++;
      expect(packet.tag == Tag::result, "the tag arrives");
      expect(packet.bytes == numbered(number, 4 + number % 9000), "bytes and order of one sender are kept");
    }
  }
  meet(transport);
}

void a_packet_that_a_rank_sends_to_itself_arrives(Transport& transport) {
  transport.send(transport.rank(), Tag::log, numbered(7, 100));
  const auto packet = wait_for_packet(transport);
  expect(packet.from == transport.rank() && packet.bytes == numbered(7, 100), "a rank reaches itself");
  meet(transport);
}

void large_and_empty_packets_arrive(Transport& transport) {
  constexpr std::size_t large = 40u << 20;
  if (transport.rank() != 0) {
    transport.send(0, Tag::result, numbered(5, large));
    transport.send(0, Tag::log, {});
    transport.flush();
  } else {
    for (int i = 0; i < 2 * (transport.size() - 1); ++i) {
      const auto packet = wait_for_packet(transport);
      const bool whole = packet.tag == Tag::log ? packet.bytes.empty() : packet.bytes == numbered(5, large);
      expect(whole, "a packet of 40 MB and an empty one arrive whole");
    }
  }
  meet(transport);
}

void a_wake_ends_an_idle_sleep(Transport& transport) {
  using clock = std::chrono::steady_clock;
  for (int i = 0; i < 300; ++i) transport.idle();
  const auto begin = clock::now();
  std::thread waker([&] { transport.wake(); });
  for (int i = 0; i < 20; ++i) transport.idle();
  waker.join();
  expect(clock::now() - begin < std::chrono::milliseconds(500), "idle steps stay short");
  meet(transport);
}

}  // namespace millrace::test
