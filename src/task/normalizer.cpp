// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/kernel/rows.hpp"
#include "task/columns.hpp"

namespace millrace {
namespace {

enum class Norm { l1, l2, max };

Norm norm_named(const std::string& name) {
  return name == "l1" ? Norm::l1 : name == "l2" ? Norm::l2 : Norm::max;
}

class Normalizer : public ColumnTask {
 public:
  Normalizer(const Schema& schema, const Options& options)
      : ColumnTask(schema, options, Whole::becomes_float64),
        norm_(norm_named(options.text("norm"))),
        skips_missing_(options.text("missing") == "skip") {}

  std::vector<std::string> warnings(std::size_t most_rows) const override {
    if (columns().size() != 1) return ColumnTask::warnings(most_rows);
    return {"one column is its own norm: every value becomes 1, -1 or 0"};
  }

  void run(Frame& frame, TaskContext& context) const override {
    to_doubles(frame, context.threads);
    std::vector<std::vector<PlacedRefusal>> refused((frame.rows() + rows_at_a_time - 1) / rows_at_a_time);
    over_rows(frame.rows(), context.threads, [&](std::size_t begin, std::size_t end) {
      normalize(frame, begin, end, refused[begin / rows_at_a_time]);
    });
    std::vector<PlacedRefusal> all;
    for (auto& some : refused) std::move(some.begin(), some.end(), std::back_inserter(all));
    if (!all.empty()) refuse_rows(frame, std::move(all), context);
  }

 private:
  void normalize(Frame& frame, std::size_t begin, std::size_t end,
                 std::vector<PlacedRefusal>& refused) const {
    std::array<double, rows_at_a_time> space;
    const std::span<double> norms(space.data(), end - begin);
    std::fill(norms.begin(), norms.end(), 0.0);
    for (const auto column : columns())
      add_to_norms(norms, {frame.columns[column].f64.data() + begin, norms.size()});
    if (norm_ == Norm::l2) square_roots(norms);
    auto all_finite = true;
    for (auto& norm : norms) {
      all_finite = all_finite && norm - norm == 0;
      norm = usable_scale(norm);
    }
    if (!all_finite) sort_out(frame, begin, norms, refused);
    for (const auto column : columns())
      divide_rows({frame.columns[column].f64.data() + begin, norms.size()}, norms);
  }

  void add_to_norms(std::span<double> norms, std::span<const double> values) const {
    switch (norm_) {
      case Norm::l1:
        return add_magnitudes(norms, values);
      case Norm::l2:
        return add_squares(norms, values);
      case Norm::max:
        return raise_to_magnitudes(norms, values);
    }
  }

  // A norm that is not finite: from a value that is refused or skipped, or from an overflow, which
  // scikit-learn lets pass.
  void sort_out(const Frame& frame, std::size_t begin, std::span<double> norms,
                std::vector<PlacedRefusal>& refused) const {
    for (std::size_t row = 0; row < norms.size(); ++row) {
      if (std::isfinite(norms[row])) continue;
      auto reason = reason_to_refuse(frame, begin + row);
      if (!reason.empty())
        refused.push_back({static_cast<std::uint32_t>(begin + row), std::move(reason)});
      else if (std::isnan(norms[row]))
        norms[row] = 1;
    }
  }

  std::string reason_to_refuse(const Frame& frame, std::size_t row) const {
    for (const auto place : columns()) {
      const auto& column = frame.columns[place];
      const auto value = column.f64[row];
      if (std::isinf(value))
        return "column " + column.info.name + ": expected a finite number, found an infinity";
      if (std::isnan(value) && !skips_missing_)
        return "column " + column.info.name + ": expected a number, found a missing value";
    }
    return {};
  }

  Norm norm_;
  bool skips_missing_;
};

}  // namespace

TaskInfo normalizer_task() {
  return {
      .part = {.name = "normalizer",
               .help = "Divides every row by its norm over the columns.\n"
                       "A row whose norm is below 2.2e-15 stays as it is. A row with a missing value has no "
                       "norm: it is\n"
                       "refused, or passed on as it is.",
               .reference = "sklearn.preprocessing.Normalizer",
               .options = {{.name = "norm",
                            .kind = OptionKind::text,
                            .default_value = std::string("l2"),
                            .help = "root of the sum of squares, sum of magnitudes, or largest magnitude",
                            .choices = {"l1", "l2", "max"}},
                           {.name = "missing",
                            .kind = OptionKind::text,
                            .default_value = std::string("refuse"),
                            .help =
                                "what becomes of a row with a missing value: quarantine it, or pass it on",
                            .choices = {"refuse", "skip"}},
                           columns_option()}},
      .scope = "row",
      .example = R"({ "task": "normalizer", "norm": "l2", "columns": ["outTemp", "*Humidity"] })",
      .make = [](const Schema& schema, const Options& options) {
        return std::make_unique<Normalizer>(schema, options);
      }};
}

}  // namespace millrace
