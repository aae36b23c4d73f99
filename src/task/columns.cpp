// SPDX-License-Identifier: Apache-2.0
#include "task/columns.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "millrace/base/error.hpp"
#include "millrace/base/parallel_blocks.hpp"
#include "millrace/kernel/values.hpp"

namespace millrace {
namespace {

// Below this many values a second thread costs more than it gives.
constexpr std::size_t least_values_for_threads = 8192;

}  // namespace

void refuse_option(const std::string& option, const std::string& why) {
  throw Error(ExitCode::project_refused, "option " + option + ": " + why);
}

ColumnTask::ColumnTask(const Schema& schema, const Options& options, Whole whole)
    : columns_(numeric_columns(schema, options)), after_(schema) {
  if (whole == Whole::stays_int64) return;
  for (const auto column : columns_) {
    if (schema.columns[column].type == Type::int64) to_convert_.push_back(column);
    after_.columns[column].type = Type::float64;
  }
}

std::vector<std::string> ColumnTask::warnings(std::size_t most_rows) const {
  if (columns_.empty()) return {"there is no numeric value column to work on"};
  const auto effect = effect_on_single_rows();
  if (most_rows > 1 || effect.empty()) return {};
  return {"a message has one row: " + effect};
}

void ColumnTask::to_doubles(Frame& frame, int threads) const {
  over_columns(frame, to_convert_, threads, [&](std::size_t, Column& column) {
    column.f64.resize(column.i64.size());
    to_double(column.i64, column.valid, column.f64);
    column.i64.clear();
    column.valid.clear();
    column.info.type = Type::float64;
  });
}

void over_columns(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                  const std::function<void(std::size_t, Column&)>& work) {
  const auto enough = frame.rows() * columns.size() >= least_values_for_threads;
  parallel_blocks(columns.size(), enough ? threads : 1,
                  [&](std::size_t place) { work(place, frame.columns[columns[place]]); });
}

void over_fitted_columns(Frame& frame, const std::vector<std::size_t>& columns, TaskContext& context,
                         const FittedWork& work) {
  ColumnFits none;
  std::vector<ColumnFits> fits;
  if (context.keeps_fits)
    for (const auto column : columns) fits.emplace_back(frame.columns[column].info.name);
  over_columns(frame, columns, context.threads, [&](std::size_t place, Column& column) {
    work(place, column, fits.empty() ? none : fits[place]);
  });
  for (auto& of_column : fits)
    std::move(of_column.all().begin(), of_column.all().end(), std::back_inserter(context.fits));
}

void over_whole_columns(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                        const std::function<void(std::size_t, Column&)>& work) {
  const auto is_whole = [&](std::size_t column) { return frame.columns[column].info.type == Type::int64; };
  if (std::none_of(columns.begin(), columns.end(), is_whole)) return;
  over_columns(frame, columns, threads, [&](std::size_t place, Column& column) {
    if (column.info.type == Type::int64) work(place, column);
  });
}

void over_doubles(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                  const std::function<void(std::size_t, std::span<double>)>& work) {
  over_rows(frame.rows(), threads, [&](std::size_t begin, std::size_t end) {
    for (std::size_t place = 0; place < columns.size(); ++place) {
      auto& column = frame.columns[columns[place]];
      if (column.info.type == Type::float64) work(place, std::span(column.f64).subspan(begin, end - begin));
    }
  });
}

void over_rows(std::size_t rows, int threads, const std::function<void(std::size_t, std::size_t)>& work) {
  const auto blocks = (rows + rows_at_a_time - 1) / rows_at_a_time;
  parallel_blocks(blocks, blocks > 1 ? threads : 1, [&](std::size_t block) {
    const auto range = block_of_rows(block, rows_at_a_time, rows);
    work(range.begin, range.end);
  });
}

void refuse_rows(Frame& frame, std::vector<PlacedRefusal> refusals, TaskContext& context) {
  std::vector<std::uint32_t> kept;
  auto next = refusals.begin();
  for (std::uint32_t place = 0; place < frame.rows(); ++place) {
    if (next == refusals.end() || next->place != place) {
      kept.push_back(place);
      continue;
    }
    context.refused.push_back({frame.row_index[place], std::move(next->reason)});
    ++next;
  }
  keep_rows(frame, kept, context.threads);
}

bool refuse_infinite_rows(Frame& frame, const std::vector<std::size_t>& columns, TaskContext& context) {
  std::vector<PlacedRefusal> refusals;
  for (std::uint32_t place = 0; place < frame.rows(); ++place)
    for (const auto column : columns) {
      if (!std::isinf(frame.columns[column].f64[place])) continue;
      refusals.push_back({place, "column " + frame.columns[column].info.name +
                                     ": expected a finite number, found an infinity"});
      break;
    }
  if (refusals.empty()) return false;
  refuse_rows(frame, std::move(refusals), context);
  return true;
}

}  // namespace millrace
