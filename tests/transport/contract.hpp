// SPDX-License-Identifier: Apache-2.0
// What both transports must do, as functions that every rank runs; each throws with a sentence where it does
// not hold.
#pragma once

#include "millrace/transport/transport.hpp"

namespace millrace::test {

void packets_between_two_ranks_arrive_in_order_and_whole(Transport& transport);
void a_packet_that_a_rank_sends_to_itself_arrives(Transport& transport);
void large_and_empty_packets_arrive(Transport& transport);
void a_wake_ends_an_idle_sleep(Transport& transport);

}  // namespace millrace::test
