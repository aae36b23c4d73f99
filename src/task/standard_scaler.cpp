// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/kernel/values.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

struct StandardFit {
  Mean centre;
  double count = 0;
  bool may_hold_infinity() const { return count > 0 && !std::isfinite(centre.low); }
};

// The first value is the origin that the others are measured from: the mean of values close together is exact
// then.
StandardFit fitted(const RawVector<double>& values) {
  const auto first = std::find_if(values.begin(), values.end(), [](double value) { return value == value; });
  if (first == values.end()) return {};
  const auto total = sum_of_differences(values, *first);
  const auto count = static_cast<double>(total.count);
  return {{*first, total.value / count}, count};
}

// Where squares overflow, scikit-learn's correction of what the rounding of the mean costs makes the
// difference: an infinite sum less an infinite correction is NaN there, and so here.
double overflowing_variance(RawVector<double> values, double count) {
  const Mean centre{sum(values).value / count, 0};
  const auto squares = squared_deviations(values, centre);
  subtract(values, centre);
  const auto correction = sum(values).value;
  return (squares - correction * correction / count) / count;
}

double variance(const RawVector<double>& values, Mean centre, double count) {
  const auto squares = squared_deviations(values, centre);
  return std::isfinite(squares) ? squares / count : overflowing_variance(values, count);
}

// Squares of deviations below 1e-140 lose digits to underflow; as multiples of 2^-400 they do not.
double small_deviation(RawVector<double> values, Mean centre, double count) {
  scale_and_shift(values, 0x1p400, 0);
  return std::sqrt(squared_deviations(values, {centre.high * 0x1p400, centre.low * 0x1p400}) / count) *
         0x1p-400;
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
    const auto fits =
        fit_columns(frame, columns(), context, [](const Column& column) { return fitted(column.f64); });
    over_columns(frame, columns(), context.threads,
                 [&](std::size_t place, Column& column) { apply(fits[place], column.f64); });
  }

 private:
  void apply(StandardFit fit, RawVector<double>& values) const {
    if (fit.may_hold_infinity()) fit.centre = {sum(values).value / fit.count, 0};  // differences overflow
    const auto scale = with_std_ ? fitted_scale(values, fit) : 1;
    if (with_mean_ && with_std_)
      standardize(values, fit.centre, scale);
    else if (with_mean_)
      subtract(values, fit.centre);
    else if (with_std_)
      divide(values, scale);
  }

  static double fitted_scale(const RawVector<double>& values, const StandardFit& fit) {
    const auto squares = variance(values, fit.centre, fit.count);
    if (is_constant(squares, fit.centre.high + fit.centre.low, fit.count)) return 1;
    return squares < 1e-280 ? small_deviation(values, fit.centre, fit.count) : std::sqrt(squares);
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
