// SPDX-License-Identifier: Apache-2.0
// The contract on MPI: run under mpirun, exits with 0 if it holds.
#include <cstdio>
#include <exception>

#include "transport/contract.hpp"

int main(int argc, char** argv) {
  using namespace millrace;
  const auto transport = make_mpi_transport(&argc, &argv);
  try {
    test::packets_between_two_ranks_arrive_in_order_and_whole(*transport);
    test::a_packet_that_a_rank_sends_to_itself_arrives(*transport);
    test::large_and_empty_packets_arrive(*transport);
    test::a_wake_ends_an_idle_sleep(*transport);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "rank %d: %s\n", transport->rank(), failure.what());
    transport->abort(1);
  }
}
