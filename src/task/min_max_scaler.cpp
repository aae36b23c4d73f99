// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/values.hpp"
#include "task/scaling.hpp"

namespace millrace {
namespace {

struct Target {
  double least, most;
};

Target target_of(const Options& options) {
  const auto& range = options.numbers("feature_range");
  if (range.size() != 2 || !(range[0] < range[1]))
    refuse_option("feature_range", "expected two numbers, the smaller one first");
  return {range[0], range[1]};
}

class MinMaxScaler : public ColumnTask {
 public:
  MinMaxScaler(const Schema& schema, const Options& options, Target target)
      : ColumnTask(schema, options, Whole::becomes_float64),
        target_(target),
        clips_(options.boolean("clip")) {}

  std::string effect_on_single_rows() const override {
    return "every value becomes the lower end of the range";
  }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    const auto fits = fit_columns(frame, columns(), context, fitted_range);
    over_fitted_columns(frame, columns(), context, [&](std::size_t place, Column& column, ColumnFits& kept) {
      const auto range = fits[place].range;
      const auto scale = (target_.most - target_.least) / usable_scale(range.most - range.least);
      const auto least = target_.least - range.least * scale;
      scale_and_shift(column.f64, scale, least);
      kept.add("scale", scale);
      kept.add("min", least);
      if (clips_) clamp(column.f64, target_.least, target_.most);
    });
  }

 private:
  Target target_;
  bool clips_;
};

OptionSpec clip_option() {
  return {.name = "clip",
          .kind = OptionKind::boolean,
          .default_value = false,
          .help = "clip what rounding puts outside of the range"};
}

std::string help_on(const std::string& range) {
  return "Maps the range of every column to " + range +
         ".\nMissing values count for nothing and stay missing; of a constant column the lower end is left.";
}

TaskInfo fixed_range(const std::string& name, Target target, const std::string& range) {
  return {.part = {.name = name,
                   .help = help_on(range),
                   .reference = "sklearn.preprocessing.MinMaxScaler",
                   .options = {clip_option(), columns_option()}},
          .scope = "column of one message",
          .example = R"({ "task": ")" + name + R"(", "columns": ["*Humidity"] })",
          .make = [target](const Schema& schema, const Options& options) {
            return std::make_unique<MinMaxScaler>(schema, options, target);
          }};
}

}  // namespace

TaskInfo min_max_scaler_task() {
  return {.part = {.name = "min_max_scaler",
                   .help = help_on("a given one"),
                   .reference = "sklearn.preprocessing.MinMaxScaler",
                   .options = {{.name = "feature_range",
                                .kind = OptionKind::numbers,
                                .default_value = std::vector<double>{0, 1},
                                .help = "the least and the most that values are mapped to"},
                               clip_option(),
                               columns_option()}},
          .scope = "column of one message",
          .example = R"({ "task": "min_max_scaler", "feature_range": [0, 100], "columns": ["*Humidity"] })",
          .make = [](const Schema& schema, const Options& options) {
            return std::make_unique<MinMaxScaler>(schema, options, target_of(options));
          }};
}

TaskInfo min_max_scaler_0_1_task() {
  return fixed_range("min_max_scaler_0_1", {0, 1}, "0 to 1");
}

TaskInfo min_max_scaler_m1_1_task() {
  return fixed_range("min_max_scaler_m1_1", {-1, 1}, "-1 to 1");
}

}  // namespace millrace
