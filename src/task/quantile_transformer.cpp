// SPDX-License-Identifier: Apache-2.0
// scikit-learn looks every value up among the quantiles, once from below and once from above. Here the column
// is sorted for the quantiles anyway, so the values meet them in ascending order, and equal values once.
#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernel/normal_quantile.hpp"
#include "millrace/kernel/order.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

enum class Distribution { uniform, normal };

constexpr double bounds_threshold = 1e-7;

// numpy.linspace(0, 1, n): where the quantiles come to lie.
std::vector<double> reference_points(std::size_t number) {
  std::vector<double> points(number, 0.0);
  if (number < 2) return points;
  const auto step = 1 / static_cast<double>(number - 1);
  for (std::size_t i = 0; i < number; ++i) points[i] = static_cast<double>(i) * step;
  points.back() = 1;
  return points;
}

// numpy.nanpercentile at 100 times the references, made to ascend.
void quantiles_of(std::span<const double> sorted, const std::vector<double>& references,
                  std::vector<double>& out) {
  out.resize(references.size());
  auto most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto place = quantile_place(sorted.size(), references[i] * 100 / 100);
    most = std::max(most, interpolate(sorted[place.below], sorted[place.above], place.weight));
    out[i] = most;
  }
}

// numpy.interp for values that come in ascending order: the mean of going up and going down through the
// quantiles, which differ on ties. Both go by the bits of numpy's formulas.
class Interpolator {
 public:
  Interpolator(const std::vector<double>& quantiles, const std::vector<double>& references)
      : quantiles_(quantiles), references_(references) {}

  double operator()(double value) {
    const auto number = quantiles_.size();
    while (above_ < number && quantiles_[above_] < value) ++above_;
    if (above_ == number) return references_.back();
    if (quantiles_[above_] != value) return above_ == 0 ? references_[0] : between(value);
    below_ = std::max(below_, above_);
    while (below_ + 1 < number && quantiles_[below_ + 1] == value) ++below_;
    return 0.5 * (references_[below_] + references_[above_]);
  }

 private:
  double between(double value) const {
    const auto left = quantiles_[above_ - 1], right = quantiles_[above_];
    const auto low = references_[above_ - 1], high = references_[above_];
    const auto slope = (high - low) / (right - left);
    auto up = slope * (value - left) + low;
    if (std::isnan(up)) up = slope * (value - right) + high;
    auto down = slope * (right - value) - high;
    if (std::isnan(down)) down = slope * (left - value) - low;
    return 0.5 * (up - down);
  }

  const std::vector<double>& quantiles_;
  const std::vector<double>& references_;
  std::size_t above_ = 0;  // the first quantile that is not below the value
  std::size_t below_ = 0;  // the last one that is not above it
};

// Beyond these, scikit-learn clips.
double clipped_normal_quantile(double value) {
  static const auto least = normal_quantile(bounds_threshold - std::numeric_limits<double>::epsilon());
  static const auto most = normal_quantile(1 - (bounds_threshold - std::numeric_limits<double>::epsilon()));
  return value < least ? least : value > most ? most : value;
}

// What one thread needs for one column, kept for the next.
struct Workspace {
  Orderer orderer;
  std::vector<double> quantiles;
  std::vector<std::uint32_t> run_ends;
};

class QuantileTransformer : public ColumnTask {
 public:
  QuantileTransformer(const Schema& schema, const Options& options, Distribution distribution)
      : ColumnTask(schema, options, Whole::becomes_float64),
        distribution_(distribution),
        most_quantiles_(static_cast<std::size_t>(options.integer("n_quantiles"))) {}

  std::string effect_on_single_rows() const override { return "every value becomes the lowest"; }

  std::vector<std::string> warnings(std::size_t most_rows) const override {
    auto all = ColumnTask::warnings(most_rows);
    if (all.empty() && most_rows < most_quantiles_)
      all.push_back("n_quantiles is " + std::to_string(most_quantiles_) + ", but a message has " +
                    std::to_string(most_rows) + " rows: so many quantiles are fitted");
    return all;
  }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context, fitted_range);
    const auto references = reference_points(std::min(most_quantiles_, frame.rows()));
    over_fitted_columns(frame, columns(), context, [&](std::size_t place, Column& column, ColumnFits& kept) {
      static thread_local Workspace workspace;
      transform(fits[place].range, column.f64, references, workspace);
      kept.add("quantiles", workspace.quantiles);
    });
  }

 private:
  void transform(Extremes range, RawVector<double>& column, const std::vector<double>& references,
                 Workspace& workspace) const {
    const auto sorted = workspace.orderer.sort(column, range);
    if (sorted.values.empty()) return workspace.quantiles.assign(references.size(), range.most);
    quantiles_of(sorted.values, references, workspace.quantiles);
    const auto distinct = transform_distinct(sorted.values, references, workspace);
    if (distribution_ == Distribution::normal) {
      normal_quantiles(distinct);
      for (auto& value : distinct) value = clipped_normal_quantile(value);
    }
    std::size_t place = 0;
    for (std::size_t run = 0; run < distinct.size(); ++run)
      for (; place < workspace.run_ends[run]; ++place) column[sorted.rows[place]] = distinct[run];
  }

  // The results of the distinct values, in the memory of `sorted`; workspace.run_ends says where each ends
  // there.
  std::span<double> transform_distinct(std::span<double> sorted, const std::vector<double>& references,
                                       Workspace& workspace) const {
    Interpolator interpolated(workspace.quantiles, references);
    const auto least = workspace.quantiles.front(), most = workspace.quantiles.back();
    workspace.run_ends.clear();
    std::size_t number = 0;
    for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
      const auto value = sorted[begin];
      for (end = begin + 1; end < sorted.size() && sorted[end] == value;) ++end;
      auto result = interpolated(value);
      if (is_upper(value, most)) result = 1;
      if (is_lower(value, least)) result = 0;
      sorted[number++] = result;
      workspace.run_ends.push_back(static_cast<std::uint32_t>(end));
    }
    return sorted.first(number);
  }

  bool is_lower(double value, double bound) const {
    return distribution_ == Distribution::normal ? value - bounds_threshold < bound : value == bound;
  }
  bool is_upper(double value, double bound) const {
    return distribution_ == Distribution::normal ? value + bounds_threshold > bound : value == bound;
  }

  Distribution distribution_;
  std::size_t most_quantiles_;
};

TaskInfo info_of(const std::string& name, Distribution distribution, const std::string& help) {
  return {
      .part =
          {.name = name,
           .help =
               help +
               "\nThe quantiles are fitted to all rows of the message (scikit-learn draws a sample above\n"
               "10,000). Missing values count for nothing and stay missing.",
           .reference = "sklearn.preprocessing.QuantileTransformer",
           .options = {{.name = "n_quantiles",
                        .kind = OptionKind::integer,
                        .default_value = std::int64_t{1000},
                        .help = "how many quantiles are fitted; at most the rows of the message are",
                        .least = 1,
                        .most = 1e9},
                       columns_option()}},
      .scope = "column of one message",
      .example = R"({ "task": ")" + name + R"(", "n_quantiles": 100, "columns": ["windSpeed"] })",
      .make = [distribution](const Schema& schema, const Options& options) {
        return std::make_unique<QuantileTransformer>(schema, options, distribution);
      }};
}

}  // namespace

TaskInfo quantile_transformer_normal_task() {
  return info_of("quantile_transformer_normal", Distribution::normal,
                 "Maps every value by its rank in the column to the normal distribution, clipped at +-5.2.");
}

TaskInfo quantile_transformer_uniform_task() {
  return info_of("quantile_transformer_uniform", Distribution::uniform,
                 "Maps every value by its rank in the column to 0 to 1.");
}

}  // namespace millrace
