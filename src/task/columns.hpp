// SPDX-License-Identifier: Apache-2.0
// What tasks share: choosing columns, working on them in parallel, and taking rows out of a frame.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "millrace/task/task.hpp"

namespace millrace {

// The option `columns` of the tasks that work on numbers.
OptionSpec columns_option();
// The option `subset` of the tasks that look at whole rows.
OptionSpec subset_option();
// Columns of any type that match option `subset`; all of them if it is not given.
std::vector<std::size_t> subset_columns(const Schema& schema, const Options& options);

[[noreturn]] void refuse_option(const std::string& option, const std::string& why);

// A task that works on numeric columns, each on its own; the columns it computes on become float64.
class ColumnTask : public Task {
 public:
  const Schema& schema_after() const override { return after_; }
  const std::vector<std::size_t>& columns() const override { return columns_; }
  std::vector<std::string> warnings(std::size_t most_rows) const override;

 protected:
  enum class Whole { stays_int64, becomes_float64 };
  ColumnTask(const Schema& schema, const Options& options, Whole whole);

  // What is left of a value that is the only one of its message; "" for a task that does not mind.
  virtual std::string effect_on_single_rows() const { return {}; }
  // Makes the columns that became float64 so. The first thing in run().
  void to_doubles(Frame& frame, int threads) const;

 private:
  std::vector<std::size_t> columns_;
  std::vector<std::size_t> to_convert_;
  Schema after_;
};

// Calls work(place in `columns`, column) for each, in parallel if the frame is large enough for that to pay.
void over_columns(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                  const std::function<void(std::size_t, Column&)>& work);
// The same for those that are int64 at the moment.
void over_whole_columns(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                        const std::function<void(std::size_t, Column&)>& work);

// Takes what one column was fitted to. Costs nothing where that is not kept.
class ColumnFits {
 public:
  ColumnFits() = default;  // nothing is kept
  explicit ColumnFits(std::string column) : column_(std::move(column)), are_kept_(true) {}

  bool are_kept() const { return are_kept_; }
  void add(const char* parameter, double value) { add(parameter, std::span(&value, 1)); }
  void add(const char* parameter, std::span<const double> values) {
    if (are_kept_) fits_.push_back({column_ + '/' + parameter, {values.begin(), values.end()}});
  }
  std::vector<Fit>& all() { return fits_; }

 private:
  std::string column_;
  bool are_kept_ = false;
  std::vector<Fit> fits_;
};

// over_columns() for tasks that are fitted: work(place in `columns`, column, fits). The fits end up in the
// context, in the order of `columns`.
using FittedWork = std::function<void(std::size_t, Column&, ColumnFits&)>;
void over_fitted_columns(Frame& frame, const std::vector<std::size_t>& columns, TaskContext& context,
                         const FittedWork& work);

// Calls work(begin, end) for fixed blocks of rows, in parallel likewise. Small blocks: a thread finds most of
// what it decoded or worked on before in its core's cache.
inline constexpr std::size_t rows_at_a_time = 256;
void over_rows(std::size_t rows, int threads, const std::function<void(std::size_t, std::size_t)>& work);
// Calls work(place in `columns`, some of the values) for all of those that are float64, in such blocks.
void over_doubles(Frame& frame, const std::vector<std::size_t>& columns, int threads,
                  const std::function<void(std::size_t, std::span<double>)>& work);

// Keeps the rows listed in ascending order, in every column.
void keep_rows(Frame& frame, const std::vector<std::uint32_t>& places, int threads);

// A row refused by its place in the frame.
struct PlacedRefusal {
  std::uint32_t place;
  std::string reason;
};
// Takes the rows out of the frame and notes them in the context. `refusals` ascend.
void refuse_rows(Frame& frame, std::vector<PlacedRefusal> refusals, TaskContext& context);

// scikit-learn refuses an infinity (of a stage before), so such rows are refused. False if there is none.
bool refuse_infinite_rows(Frame& frame, const std::vector<std::size_t>& columns, TaskContext& context);

// A scale below this is nearly zero for scikit-learn, which takes 1 instead (_handle_zeros_in_scale).
inline constexpr double least_scale = 10 * std::numeric_limits<double>::epsilon();
inline double usable_scale(double scale) {
  return scale < least_scale ? 1 : scale;
}

}  // namespace millrace
