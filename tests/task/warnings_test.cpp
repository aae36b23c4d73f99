// SPDX-License-Identifier: Apache-2.0
// What tasks say of messages on which they make little sense, and that it is true.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "millrace/task/chain.hpp"
#include "task/frame_stream.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

using Texts = std::vector<std::string>;

const Schema two_numbers{
    {{.name = "x"}, {.name = "n", .type = Type::int64}, {.name = "s", .type = Type::text}}};

Texts warnings(const std::string& step, std::size_t most_rows) {
  return Chain(two_numbers, parse_chain(step)).task(0).warnings(most_rows);
}

bool warns(const std::string& step, std::size_t most_rows, const std::string& of) {
  const auto all = warnings(step, most_rows);
  return all.size() == 1 && all[0].find(of) != std::string::npos;
}

// Column x of the result of one row.
double single(const std::string& step, double value) {
  Result result;
  result.frame = Frame(two_numbers);
  for (auto& column : result.frame.columns) column.resize(1);
  result.frame.row_index.push_back(0);
  result.frame.columns[0].f64[0] = value;
  result.frame.columns[1].i64[0] = 7;
  result.frame.columns[2].codes[0] = 0;
  Chain(two_numbers, parse_chain(step)).run(result, 1);
  return result.frame.columns[0].f64[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(tasks_that_are_fitted_warn_of_messages_of_one_row_and_of_no_others) {
  for (const auto& info : task_catalog()) {
    if (info.scope == "row") {
      BOOST_TEST(warnings(info.part.name, 1) == Texts{}, boost::test_tools::per_element());
    } else {
      BOOST_TEST(warns(info.part.name, 1, "message "), info.part.name);
    }
    if (info.part.name != "drop_duplicates")
      BOOST_TEST(warnings(info.part.name, 1000) == Texts{}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(what_is_said_of_single_rows_is_true) {
  struct Case {
    std::string step, effect;
    double value, becomes;
  };
  const std::vector<Case> cases{
      {"standard_scaler", "becomes 0", 5, 0},      {"standard_scaler with_mean=false", "no deviation", 5, 5},
      {"robust_scaler", "becomes 0", 5, 0},        {"robust_scaler with_centering=false", "no spread", 5, 5},
      {"max_abs_scaler", "1, -1 or 0", -5, -1},    {"min_max_scaler_0_1", "lower end", 5, 0},
      {"min_max_scaler_m1_1", "lower end", 5, -1}, {"quantile_transformer_uniform", "lowest", 5, 0},
      {"aggregated_sum", "its own sum", 5, 5},     {"normalizer columns=x", "its own norm", -5, -1}};
  for (const auto& [step, effect, value, becomes] : cases) {
    BOOST_TEST(warns(step, 1, effect), step);
    BOOST_TEST(single(step, value) == becomes, step);
  }
  BOOST_TEST(single("quantile_transformer_normal", 5) < -5);
  const auto missing = std::numeric_limits<double>::quiet_NaN();
  for (const std::string step : {"fillna_mean", "fillna_median"}) {
    BOOST_TEST(warns(step, 1, "missing values stay missing"));
    BOOST_TEST(std::isnan(single(step, missing)));
  }
}

BOOST_AUTO_TEST_CASE(fewer_rows_than_quantiles_are_warned_of) {
  BOOST_TEST(warns("quantile_transformer_normal", 999, "n_quantiles is 1000, but a message has 999 rows"));
  BOOST_TEST(warnings("quantile_transformer_uniform n_quantiles=10", 10).empty());
  BOOST_TEST(warns("quantile_transformer_uniform n_quantiles=10", 9, "n_quantiles is 10"));
}

BOOST_AUTO_TEST_CASE(duplicates_across_messages_are_warned_of) {
  BOOST_TEST(warns("drop_duplicates", 100, "within a message of 100 rows, not across messages"));
  BOOST_TEST(warns("drop_duplicates", 1, "nothing is dropped"));
}

BOOST_AUTO_TEST_CASE(a_task_without_columns_to_work_on_is_warned_of) {
  const Schema texts{{{.name = "s", .type = Type::text}}};
  for (const std::string step : {"abs", "normalizer", "standard_scaler", "quantile_transformer_normal"}) {
    const auto all = Chain(texts, parse_chain(step)).task(0).warnings(1);
    BOOST_REQUIRE_EQUAL(all.size(), 1);
    BOOST_TEST(all[0] == "there is no numeric value column to work on");
  }
}

BOOST_AUTO_TEST_CASE(a_task_names_the_columns_that_it_looks_at_and_the_rows_that_it_leaves) {
  const auto task = [](const std::string& step) { return Chain(two_numbers, parse_chain(step)); };
  BOOST_TEST((task("abs").task(0).columns() == std::vector<std::size_t>{0, 1}));
  BOOST_TEST((task("drop_duplicates").task(0).columns() == std::vector<std::size_t>{0, 1, 2}));
  BOOST_TEST((task("handling_missing subset=s").task(0).columns() == std::vector<std::size_t>{2}));
  BOOST_TEST(task("abs").task(0).most_rows_after(9) == 9u);
  BOOST_TEST(task("aggregated_sum").task(0).most_rows_after(9) == 1u);
}
