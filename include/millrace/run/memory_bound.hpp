// SPDX-License-Identifier: Apache-2.0
// What a run may take of memory: printed when it starts, and by `explain` before it does.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/run/prepare.hpp"

namespace millrace {

// Bytes of one process; code, MPI and thread stacks are not counted. A live source's payload that is refused
// as larger than max_payload_bytes adds what it is larger by, for each time it is held.
struct MemoryBound {
  std::uint64_t messages = 0;  // messages and results on rank 0
  std::uint64_t sink = 0;      // the sink on rank 0
  std::uint64_t feeder = 0;    // rank 0 in all
  std::uint64_t worker = 0;    // each worker
};

// `sink`: what Output::memory_bound() says.
MemoryBound memory_bound(const PreparedRun& prepared, std::uint64_t sink);
// "rank 0 270 MB (messages and results 151 MB, sink 103 MB), each worker 302 MB"
std::string memory_text(const MemoryBound& bound);

}  // namespace millrace
