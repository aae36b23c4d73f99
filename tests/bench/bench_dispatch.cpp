// SPDX-License-Identifier: Apache-2.0
// What it costs to hand a message to a worker and to take its result in order, with no work in between: rows
// of 650 bytes, results of 300 bytes a message; beside it MPI's own ping-pong of 650 bytes, half a round
// trip, in turns.
//
//     mpirun -n 2 bench_dispatch [ROUNDS]
#include <malloc.h>
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/frame/message.hpp"
#include "run/dispatch.hpp"

using namespace millrace;

namespace {

constexpr std::size_t row_bytes = 650, result_bytes = 300;
constexpr int ping_pongs = 20'000, ping_tag = 99;

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

double least(const std::vector<double>& times) {
  return *std::min_element(times.begin(), times.end());
}

// Microseconds from one rank to the other.
double ping_pong_us(int rank) {
  Bytes ball(row_bytes);
  const auto send = [&] { MPI_Send(ball.data(), row_bytes, MPI_BYTE, 1 - rank, ping_tag, MPI_COMM_WORLD); };
  const auto receive = [&] {
    MPI_Recv(ball.data(), row_bytes, MPI_BYTE, 1 - rank, ping_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  };
  const auto begin_s = system_clock().now_s();
  for (int i = 0; i < ping_pongs; ++i) {
    if (rank == 0) send();
    receive();
    if (rank == 1) send();
  }
  return (system_clock().now_s() - begin_s) * 1e6 / (2 * ping_pongs);
}

std::vector<CutMessage> messages_of(std::size_t rows, std::size_t count) {
  const std::string row(row_bytes, 'x');
  MessageBuilder builder;
  std::vector<CutMessage> messages(count);
  for (std::size_t sequence = 0; sequence < count; ++sequence) {
    for (std::size_t i = 0; i < rows; ++i) builder.add_row(row);
    messages[sequence].sequence = sequence;
    messages[sequence].rows = rows;
    messages[sequence].block = builder.finish(sequence);
  }
  return messages;
}

// Of so many bytes for each message of the bundle; as results do, they begin with a sequence number.
Bytes results_of(const Packet& bundle) {
  std::span<const std::byte> blocks = bundle.bytes;
  std::size_t messages = 0;
  for (; !blocks.empty(); ++messages) blocks = blocks.subspan(block_bytes(blocks));
  Bytes results(messages * result_bytes);
  std::copy_n(bundle.bytes.begin(), sizeof(std::uint64_t), results.begin());
  return results;
}

void answer(Transport& transport) {
  while (true) {
    const auto packet = transport.receive();
    if (!packet)
      transport.idle();
    else if (packet->tag == Tag::stop)
      break;
    else
      transport.send(0, Tag::result, results_of(*packet));
  }
  transport.flush();
}

// Microseconds a message. The messages are there before.
double feed_us(Transport& transport, std::size_t rows, std::size_t count) {
  auto messages = messages_of(rows, count);
  Dispatch dispatch(transport, 0);
  std::size_t sent = 0, written = 0;
  const auto begin_s = system_clock().now_s();
  while (written < count) {
    bool busy = false;
    if (sent < count && dispatch.can_send()) {
      Bundle bundle;
      while (sent < count && dispatch.takes_more(bundle)) bundle.add(std::move(messages[sent++]));
      dispatch.send(std::move(bundle));
      busy = true;
    }
    if (auto packet = transport.receive()) {
      dispatch.accept(std::move(*packet));
      busy = true;
    }
    while (const auto job = dispatch.next_in_order()) written += job->bundle.messages().size();
    if (!busy) transport.idle();
  }
  const auto end_s = system_clock().now_s();
  transport.send(1, Tag::stop, {});
  transport.flush();
  return (end_s - begin_s) * 1e6 / static_cast<double>(count);
}

void compare(Transport& transport, std::size_t rows, int rounds) {
  const std::size_t count = std::clamp<std::size_t>(200'000 / rows, 400, 100'000);
  std::vector<double> balls, dispatches;
  for (int round = 0; round < rounds; ++round) {
    balls.push_back(ping_pong_us(transport.rank()));
    if (transport.rank() == 0)
      dispatches.push_back(feed_us(transport, rows, count));
    else
      answer(transport);
  }
  if (transport.rank() != 0) return;
  std::printf(
      "%5zu rows a message: %7.2f us a message (best %.2f), ping-pong of one row %.2f us (best %.2f), ratio "
      "%.1f\n",
      rows, median(dispatches), least(dispatches), median(balls), least(balls),
      median(dispatches) / median(balls));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  mallopt(M_MMAP_THRESHOLD, 64 << 20);  // as millrace does
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const auto transport = make_mpi_transport(&argc, &argv);
  if (transport->size() != 2 || rounds < 1) {
    std::fprintf(stderr, "usage: mpirun -n 2 bench_dispatch [ROUNDS]\n");
    return 2;
  }
  for (const std::size_t rows : {1u, 10u, 100u, 1'000u}) compare(*transport, rows, rounds);
  return 0;
}
