// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "millrace/kernel/values.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

struct MeanFit {
  Mean mean;
  bool may_hold_infinity() const { return mean.count > 0 && !std::isfinite(mean.high); }
};

// Where squares overflow, scikit-learn's correction of what the rounding of the mean costs makes the
// difference: an infinite sum less an infinite correction is NaN there, and so here.
double overflowing_variance(RawVector<double> values, double count) {
  const Mean centre{sum(values).value / count, 0};
  const auto squares = squared_deviations(values, centre);
  subtract(values, centre);
  const auto correction = sum(values).value;
  return (squares - correction * correction / count) / count;
}

double variance(const RawVector<double>& values, Mean centre) {
  const auto squares = squared_deviations(values, centre);
  const auto count = static_cast<double>(centre.count);
  return std::isfinite(squares) ? squares / count : overflowing_variance(values, count);
}

// Squares of deviations below 1e-140 lose digits to underflow; as multiples of 2^-400 they do not.
double small_deviation(RawVector<double> values, Mean centre) {
  scale_and_shift(values, 0x1p400, 0);
  const auto squares = squared_deviations(values, {centre.high * 0x1p400, centre.low * 0x1p400});
  return std::sqrt(squares / static_cast<double>(centre.count)) * 0x1p-400;
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

  std::string effect_on_single_rows() const override {
    return with_mean_ ? "every value becomes 0" : "there is no deviation to divide by";
  }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context,
                                  [](const Column& column) { return MeanFit{mean(column.f64)}; });
    over_fitted_columns(frame, columns(), context, [&](std::size_t place, Column& column, ColumnFits& kept) {
      apply(fits[place].mean, column.f64, kept);
    });
  }

 private:
  void apply(Mean centre, RawVector<double>& values, ColumnFits& kept) const {
    const auto scale = with_std_ ? fitted_scale(values, centre) : 1;
    if (with_mean_) kept.add("mean", centre.high + centre.low);
    if (with_std_) kept.add("scale", scale);
    if (with_mean_ && with_std_)
      standardize(values, centre, scale);
    else if (with_mean_)
      subtract(values, centre);
    else if (with_std_)
      divide(values, scale);
  }

  static double fitted_scale(const RawVector<double>& values, Mean centre) {
    const auto squares = variance(values, centre);
    if (is_constant(squares, centre.high + centre.low, static_cast<double>(centre.count))) return 1;
    return squares < 1e-280 ? small_deviation(values, centre) : std::sqrt(squares);
  }

  bool with_mean_, with_std_;
};

}  // namespace

TaskInfo standard_scaler_task() {
  return {
      .part =
          {.name = "standard_scaler",
           .help =
               "Takes the mean of the column off every value and divides by the standard deviation.\n"
               "That is the deviation of the population. Missing values count for nothing and stay missing.\n"
               "A column that is constant to within rounding is only centred.",
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
