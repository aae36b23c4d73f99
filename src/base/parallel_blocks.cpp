// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/parallel_blocks.hpp"

#include <exception>
#include <mutex>

namespace millrace {

void parallel_blocks(std::size_t blocks, int threads, const std::function<void(std::size_t)>& work) {
  if (threads <= 1 || blocks <= 1) {
    for (std::size_t block = 0; block < blocks; ++block) work(block);
    return;
  }
  std::exception_ptr failure;
  std::mutex mutex;
  const auto guarded = [&](std::size_t block) {
    try {
      work(block);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::size_t block = 0; block < blocks; ++block) guarded(block);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace millrace
