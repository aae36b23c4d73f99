// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "millrace/kernel/normal_quantile.hpp"
#include "millrace/kernel/order.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

// The order statistics that the scaler stands on, as ranks and then as values.
struct OrderStatistics {
  QuantilePlace low, high;
  std::array<std::size_t, 6> ranks;
  std::array<double, 6> values;

  OrderStatistics(std::size_t count, double low_share, double high_share)
      : low(quantile_place(count, low_share)), high(quantile_place(count, high_share)) {
    ranks = {low.below, low.above, (count - 1) / 2, count / 2, high.below, high.above};
    std::sort(ranks.begin(), ranks.end());
  }
  double at(std::size_t rank) const {
    return values[std::lower_bound(ranks.begin(), ranks.end(), rank) - ranks.begin()];
  }
  double quantile(const QuantilePlace& place) const {
    return interpolate(at(place.below), at(place.above), place.weight);
  }
};

class RobustScaler : public ColumnTask {
 public:
  RobustScaler(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64),
        with_centering_(options.boolean("with_centering")),
        with_scaling_(options.boolean("with_scaling")) {
    const auto& range = options.numbers("quantile_range");
    if (range.size() != 2 || !(0 <= range[0] && range[0] <= range[1] && range[1] <= 100))
      refuse_option("quantile_range", "expected two percentages from 0 to 100, the smaller one first");
    low_share_ = range[0] / 100;
    high_share_ = range[1] / 100;
    if (options.boolean("unit_variance")) unit_ = normal_quantile(high_share_) - normal_quantile(low_share_);
  }

  std::string effect_on_single_rows() const override {
    return with_centering_ ? "every value becomes 0" : "there is no spread to divide by";
  }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context, fitted_range);
    over_fitted_columns(frame, columns(), context, [&](std::size_t place, Column& column, ColumnFits& kept) {
      static thread_local Orderer orderer;
      const auto fit = fitted(column.f64, fits[place].range, orderer);
      scale(column.f64, fit);
      if (with_centering_) kept.add("center", fit.centre);
      if (with_scaling_) kept.add("scale", fit.scale);
    });
  }

 private:
  struct CentreAndScale {
    double centre = std::numeric_limits<double>::quiet_NaN();
    double scale = std::numeric_limits<double>::quiet_NaN();
  };

  CentreAndScale fitted(const RawVector<double>& values, Extremes range, Orderer& orderer) const {
    if (range.count == 0) return {};
    OrderStatistics statistics(range.count, low_share_, high_share_);
    orderer.pick(values, range, statistics.ranks, statistics.values);
    const auto count = range.count;
    const auto centre = (statistics.at((count - 1) / 2) + statistics.at(count / 2)) / 2;
    const auto spread =
        usable_scale(statistics.quantile(statistics.high) - statistics.quantile(statistics.low));
    return {centre, spread / unit_};
  }

  void scale(RawVector<double>& values, CentreAndScale fit) const {
    const Mean centre{fit.centre, 0};
    if (with_centering_ && with_scaling_)
      standardize(values, centre, fit.scale);
    else if (with_centering_)
      subtract(values, centre);
    else if (with_scaling_)
      divide(values, fit.scale);
  }

  bool with_centering_, with_scaling_;
  double low_share_, high_share_;
  double unit_ = 1;  // the spread of a standard normal distribution, with unit_variance
};

}  // namespace

TaskInfo robust_scaler_task() {
  return {.part = {.name = "robust_scaler",
                   .help = "Takes the median of the column off every value and divides by the distance of "
                           "two quantiles.\n"
                           "Missing values count for nothing and stay missing. Where the quantiles are less "
                           "than 2.2e-15\n"
                           "apart, the column is only centred.",
                   .reference = "sklearn.preprocessing.RobustScaler",
                   .options = {{.name = "with_centering",
                                .kind = OptionKind::boolean,
                                .default_value = true,
                                .help = "take the median off"},
                               {.name = "with_scaling",
                                .kind = OptionKind::boolean,
                                .default_value = true,
                                .help = "divide by the distance of the quantiles"},
                               {.name = "quantile_range",
                                .kind = OptionKind::numbers,
                                .default_value = std::vector<double>{25, 75},
                                .unit = "%",
                                .help = "which two quantiles"},
                               {.name = "unit_variance",
                                .kind = OptionKind::boolean,
                                .default_value = false,
                                .help = "scale so that normal values get variance 1"},
                               columns_option()}},
          .scope = "column of one message",
          .example = R"({ "task": "robust_scaler", "quantile_range": [5, 95], "columns": ["windGust"] })",
          .make = [](const Schema& schema, const Options& options) {
            return std::make_unique<RobustScaler>(schema, options);
          }};
}

}  // namespace millrace
