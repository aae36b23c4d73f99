// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "millrace/base/error.hpp"
#include "millrace/run/feeder.hpp"
#include "millrace/run/worker.hpp"

namespace millrace {

RunOutcome run_in_one_process(PreparedRun prepared, const RunSettings& settings, int workers) {
  const auto ranks = make_loopback_transports(workers + 1);
  std::vector<std::thread> threads;
  for (int rank = 1; rank <= workers; ++rank)
    threads.emplace_back([&ranks, rank] { run_worker(*ranks[static_cast<std::size_t>(rank)]); });
  RunOutcome outcome;
  std::exception_ptr failure;
  try {
    outcome = run_feeder(*ranks[0], std::move(prepared), settings);
  } catch (const Error& error) {
    failure = std::current_exception();
    stop_workers(*ranks[0], error.code());
  } catch (...) {
    failure = std::current_exception();
    stop_workers(*ranks[0], ExitCode::failed);
  }
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  return outcome;
}

}  // namespace millrace
