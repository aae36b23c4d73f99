// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "millrace/kernel/values.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

struct StandardFit {
  Sum total;
  bool may_hold_infinity() const { return !std::isfinite(total.high); }
};

// scikit-learn's corrected two-pass variance; its corrections matter only where the squares overflow (an
// infinite sum less an infinite correction is NaN there, and so here).
double variance(const RawVector<double>& values, const Mean& centre, double count) {
  if (!std::isfinite(centre.high)) return std::numeric_limits<double>::quiet_NaN();
  const auto squares = squared_deviations(values, centre.high);
  auto correction = centre.low * count;
  if (std::isinf(squares)) {
    auto deviations = values;
    subtract(deviations, {centre.high, 0});
    correction = sum(deviations).high;
  }
  return (squares - correction * correction / count) / count;
}

// Squares of deviations below 1e-140 lose digits to underflow; as multiples of 2^-400 they do not.
double small_deviation(RawVector<double> values, const Mean& centre, double count) {
  scale_and_shift(values, 0x1p400, 0);
  return std::sqrt(squared_deviations(values, centre.high * 0x1p400) / count) * 0x1p-400;
}

// sklearn.preprocessing._data._is_constant_feature.
bool is_constant(double variance, double mean, double count) {
  constexpr auto epsilon = std::numeric_limits<double>::epsilon();
  const auto error = count * mean * epsilon;
  return variance <= count * epsilon * variance + error * error;
}

class StandardScaler : public ColumnTask {
 public:
  StandardScaler(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64),
        with_mean_(options.boolean("with_mean")),
        with_std_(options.boolean("with_std")) {}

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context,
                                  [](const Column& column) { return StandardFit{sum(column.f64)}; });
    over_columns(frame, columns(), context.threads,
                 [&](std::size_t place, Column& column) { apply(fits[place], column.f64); });
  }

 private:
  void apply(const StandardFit& fit, RawVector<double>& values) const {
    auto centre = mean(fit.total);
    const auto scale = with_std_ ? fitted_scale(values, centre, static_cast<double>(fit.total.count)) : 1;
    if (with_mean_ && with_std_)
      standardize(values, centre, scale);
    else if (with_mean_)
      subtract(values, centre);
    else if (with_std_)
      divide(values, scale);
  }

  // A column that is constant throughout gets its value for its mean, so that exactly 0 is left.
  static double fitted_scale(const RawVector<double>& values, Mean& centre, double count) {
    const auto squares = variance(values, centre, count);
    if (is_constant(squares, centre.high, count)) {
      const auto range = extremes(values);
      if (range.least == range.most) centre = {range.least, 0};
      return 1;
    }
    return squares < 1e-280 ? small_deviation(values, centre, count) : std::sqrt(squares);
  }

  bool with_mean_, with_std_;
};

}  // namespace

TaskInfo standard_scaler_task() {
  return {
      .part =
          {.name = "standard_scaler",
           .help =
               "Takes the mean of the column off every value and divides by the standard deviation\n"
               "(of the population). Missing values count for nothing and stay missing. A column that is\n"
               "constant to within rounding is only centred.",
           .reference = "sklearn.preprocessing.StandardScaler",
           .options = {{.name = "with_mean",
                        .kind = OptionKind::boolean,
                        .default_value = true,
                        .help = "take the mean off"},
                       {.name = "with_std",
                        .kind = OptionKind::boolean,
                        .default_value = true,
                        .help = "divide by the standard deviation"},
                       columns_option()}},
      .scope = "column of one message",
      .example = R"({ "task": "standard_scaler", "with_mean": true, "columns": ["barometer"] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<StandardScaler>(schema, options);
      }};
}

}  // namespace millrace
