// SPDX-License-Identifier: Apache-2.0
// Worker: takes messages from rank 0, decodes them, runs the chain, and sends the results back.
#pragma once

#include "millrace/transport/transport.hpp"

namespace millrace {

// Serves rank 0 until it says stop. A failure (of the set-up or in a message) is sent to rank 0 with this
// rank and host; the worker then waits for the stop. A rank 0 that is lost ends the process (abort). The
// transport stays with the calling thread; the chain runs on another.
void run_worker(Transport& transport);

}  // namespace millrace
