// SPDX-License-Identifier: Apache-2.0
// Rows are mostly kept in long runs, which move as blocks.
#include <cstring>

#include "millrace/base/parallel_blocks.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

struct Run {
  std::size_t from, to, rows;
};

constexpr std::size_t rows_worth_a_block_move = 8;

// Without the rows in front that stay where they are.
std::vector<Run> runs_of(const std::vector<std::uint32_t>& places) {
  std::vector<Run> runs;
  for (std::size_t to = 0; to < places.size(); ++to) {
    if (to > 0 && places[to] == places[to - 1] + 1)
      ++runs.back().rows;
    else
      runs.push_back({places[to], to, 1});
  }
  if (!runs.empty() && runs.front().from == 0) runs.erase(runs.begin());
  return runs;
}

template <class T>
void move_runs(RawVector<T>& values, const std::vector<Run>& runs, std::size_t rows,
               std::size_t per_row = 1) {
  if (values.empty()) return;
  for (const auto& run : runs)
    std::memmove(values.data() + run.to * per_row, values.data() + run.from * per_row,
                 run.rows * per_row * sizeof(T));
  values.resize(rows * per_row);
}

void move_runs(Column& column, const std::vector<Run>& runs, std::size_t rows) {
  move_runs(column.f64, runs, rows);
  move_runs(column.i64, runs, rows);
  move_runs(column.u8, runs, rows);
  move_runs(column.codes, runs, rows);
  move_runs(column.valid, runs, rows);
  move_runs(column.fixed, runs, rows, column.info.width);
}

}  // namespace

void keep_rows(Frame& frame, const std::vector<std::uint32_t>& places, int threads) {
  if (places.size() == frame.rows()) return;
  const auto runs = runs_of(places);
  const auto by_block = runs.size() * rows_worth_a_block_move <= places.size();
  std::vector<std::size_t> all(frame.columns.size());
  for (std::size_t column = 0; column < all.size(); ++column) all[column] = column;
  over_columns(frame, all, threads, [&](std::size_t, Column& column) {
    if (by_block)
      move_runs(column, runs, places.size());
    else
      column.keep_rows(places);
  });
  for (std::size_t row = 0; row < places.size(); ++row) frame.row_index[row] = frame.row_index[places[row]];
  frame.row_index.resize(places.size());
}

}  // namespace millrace
