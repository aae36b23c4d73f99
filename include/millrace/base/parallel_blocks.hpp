// SPDX-License-Identifier: Apache-2.0
// The one place with an OpenMP parallel region: decoding, tasks and encoding split their work through it.
#pragma once

#include <cstddef>
#include <functional>

namespace millrace {

// Calls work(block) once for every block in [0, blocks), on up to `threads` threads; returns when all are
// done. Which thread runs a block is open, so work may write only what belongs to its block: then the result
// is the same for any number of threads. The first exception that a block throws is rethrown here, when all
// blocks are done. Within a block it starts no threads, nor does with_threads().
void parallel_blocks(std::size_t blocks, int threads, const std::function<void(std::size_t)>& work);

// Calls body() on this thread and keeps `threads` threads, this one among them, ready for the
// parallel_blocks() in it, which then start none of their own. For a body with many short ones; an idle
// thread sleeps after 50 us or so.
void with_threads(int threads, const std::function<void()>& body);

// Rows [begin, end) of fixed-size block `block`.
struct RowRange {
  std::size_t begin, end;
};
constexpr RowRange block_of_rows(std::size_t block, std::size_t rows_per_block, std::size_t rows) {
  const auto begin = block * rows_per_block;
  return {begin, begin + rows_per_block < rows ? begin + rows_per_block : rows};
}

}  // namespace millrace
