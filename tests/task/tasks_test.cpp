// SPDX-License-Identifier: Apache-2.0
// What the comparison with pandas and scikit-learn cannot show: whole numbers at their limits, fixed texts,
// options that are refused, and the branches that the tasks take.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/kernel/rows.hpp"
#include "millrace/task/chain.hpp"
#include "task/frame_stream.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr auto least_int64 = std::numeric_limits<std::int64_t>::min();
constexpr auto most_int64 = std::numeric_limits<std::int64_t>::max();

Frame frame_of(Column column) {
  Frame frame;
  const auto rows = column.f64.size() + column.i64.size() +
                    (column.info.width > 0 ? column.fixed.size() / column.info.width : 0);
  frame.columns.push_back(std::move(column));
  for (std::uint32_t row = 0; row < rows; ++row) frame.row_index.push_back(row);
  return frame;
}

Frame numbers(const std::vector<double>& values) {
  Column column({.name = "x"});
  column.f64.assign(values.begin(), values.end());
  return frame_of(std::move(column));
}

Frame whole_numbers(const std::vector<std::int64_t>& values) {
  Column column({.name = "x", .type = Type::int64});
  column.i64.assign(values.begin(), values.end());
  return frame_of(std::move(column));
}

Column run(Frame frame, const std::string& chain) {
  Result result;
  result.frame = std::move(frame);
  Chain(result.frame.schema(), parse_chain(chain)).run(result, 1);
  return result.frame.columns.at(0);
}

std::vector<double> values_of(const Column& column) {
  return {column.f64.begin(), column.f64.end()};
}

std::string refusal_of(const std::string& chain) {
  try {
    Chain(Schema{{{.name = "x"}}}, parse_chain(chain));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_magnitude_of_the_least_whole_number_is_missing) {
  const auto column = run(whole_numbers({least_int64, -5, most_int64}), "abs");
  BOOST_TEST(column.is_missing(0));
  BOOST_TEST(column.i64[0] == 0);
  BOOST_TEST(column.i64[1] == 5);
  BOOST_TEST(column.i64[2] == most_int64);
}

BOOST_AUTO_TEST_CASE(whole_sums_are_exact_even_if_they_pass_beyond_the_limit_on_the_way) {
  const auto column = run(whole_numbers({most_int64, 7, -9}), "aggregated_sum");
  BOOST_TEST(column.i64[0] == most_int64 - 2);
}

BOOST_AUTO_TEST_CASE(a_whole_sum_beyond_the_limit_is_missing_and_warned_of_once) {
  int warnings = 0;
  relay_log([&](LogLevel, std::string_view line) { warnings += line.find("column x") != line.npos ? 1 : 0; });
  const Chain chain(Schema{{{.name = "x", .type = Type::int64}}}, parse_chain("aggregated_sum"));
  for (int message = 0; message < 3; ++message) {
    Result result;
    result.frame = whole_numbers({most_int64, 1});
    chain.run(result, 1);
    BOOST_TEST(result.frame.columns[0].is_missing(0));
  }
  relay_log({});
  BOOST_TEST(warnings == 1);
}

BOOST_AUTO_TEST_CASE(the_sum_of_no_rows_is_one_row_of_zeros_or_missing) {
  BOOST_TEST(run(numbers({}), "aggregated_sum").f64.at(0) == 0);
  BOOST_TEST(run(numbers({}), "aggregated_sum min_count=1").is_missing(0));
  BOOST_TEST(run(whole_numbers({}), "aggregated_sum").i64.at(0) == 0);
  BOOST_TEST(run(whole_numbers({}), "aggregated_sum min_count=1").is_missing(0));
}

BOOST_AUTO_TEST_CASE(fixed_texts_are_compared_byte_by_byte_and_missing_is_not_empty) {
  Column column({.name = "x", .type = Type::text, .encoding = TextEncoding::fixed, .width = 11});
  column.fixed.resize(5 * 11, '\0');
  const auto put = [&](std::size_t row, std::string_view text) {
    std::copy(text.begin(), text.end(), column.fixed.begin() + static_cast<std::ptrdiff_t>(row * 11));
  };
  put(0, "north-west");
  put(1, "north-east!");
  put(2, "north-west");
  column.valid.assign(5, 1);
  column.valid[4] = 0;
  const auto kept = run(frame_of(column), "drop_duplicates");
  BOOST_REQUIRE_EQUAL(kept.valid.size(), 4);
  BOOST_TEST(kept.text(1) == "north-east!");
  BOOST_TEST(kept.text(2) == "");
  BOOST_TEST(!kept.is_missing(2));
  BOOST_TEST(kept.is_missing(3));
}

// Of rows (1, 0) and (2, h(1) ^ h(2)) the hashes are equal, h being what rows.hpp does with the first column.
BOOST_AUTO_TEST_CASE(equal_hashes_alone_do_not_make_a_duplicate) {
  const auto hash = [](std::int64_t value) {
    std::vector<std::uint64_t> hashes(1);
    add_to_hashes(hashes, std::vector<std::int64_t>{value});
    return static_cast<std::int64_t>(hashes[0]);
  };
  auto frame = whole_numbers({1, 2, 1});
  auto& second = frame.columns.emplace_back(ColumnInfo{.name = "y", .type = Type::int64});
  second.i64.assign({0, hash(1) ^ hash(2), 0});
  BOOST_TEST((run(frame, "drop_duplicates").i64 == RawVector<std::int64_t>{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_nearly_constant_column_is_only_centred) {
  BOOST_TEST((values_of(run(numbers({0.1, 0.1, 0.1}), "standard_scaler")) == std::vector<double>{0, 0, 0}));
  const auto close = run(numbers({1e9, 1e9 + 0x1p-23}), "standard_scaler");
  BOOST_TEST(close.f64[1] == 0x1p-24);
  const auto apart = run(numbers({1, 3}), "standard_scaler");
  BOOST_TEST((values_of(apart) == std::vector<double>{-1, 1}));
}

BOOST_AUTO_TEST_CASE(squares_of_tiny_deviations_do_not_underflow) {
  const auto tiny = run(numbers({1.1e-160, 3.3e-160}), "standard_scaler");
  BOOST_TEST(tiny.f64[0] == -1, boost::test_tools::tolerance(1e-15));
  BOOST_TEST(tiny.f64[1] == 1, boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_CASE(scalers_leave_what_is_below_ten_epsilons_as_it_is) {
  BOOST_TEST(
      (values_of(run(numbers({1e-15, -2e-15}), "max_abs_scaler")) == std::vector<double>{1e-15, -2e-15}));
  const auto least = 10 * std::numeric_limits<double>::epsilon();
  BOOST_TEST((values_of(run(numbers({0, least}), "max_abs_scaler")) == std::vector<double>{0, 1}));
  BOOST_TEST((values_of(run(numbers({1e-15, 2e-15}), "normalizer")) == std::vector<double>{1e-15, 2e-15}));
  BOOST_TEST(
      (values_of(run(numbers({5, 5}), "min_max_scaler feature_range=2,4")) == std::vector<double>{2, 2}));
  BOOST_TEST((values_of(run(numbers({5, 5, 7, 5}), "robust_scaler quantile_range=0,50")) ==
              std::vector<double>{0, 0, 2, 0}));
}

BOOST_AUTO_TEST_CASE(a_column_that_is_missing_throughout_stays_so) {
  for (const auto* task : {"fillna_mean", "fillna_median", "standard_scaler", "robust_scaler",
                           "max_abs_scaler", "min_max_scaler", "quantile_transformer_normal"})
    for (const auto value : run(numbers({missing, missing}), task).f64) BOOST_TEST(std::isnan(value), task);
}

BOOST_AUTO_TEST_CASE(options_that_contradict_or_make_no_range_are_refused) {
  BOOST_TEST(refusal_of("handling_missing how=any thresh=1") ==
             "chain[0]: option thresh: how and thresh exclude each other; give one of them");
  BOOST_TEST(refusal_of("min_max_scaler feature_range=1,1")
                 .starts_with("chain[0]: option feature_range: expected two"));
  BOOST_TEST(refusal_of("min_max_scaler feature_range=1")
                 .starts_with("chain[0]: option feature_range: expected two"));
  BOOST_TEST(refusal_of("robust_scaler quantile_range=75,25")
                 .starts_with("chain[0]: option quantile_range: expected"));
  BOOST_TEST(refusal_of("robust_scaler quantile_range=-1,25")
                 .starts_with("chain[0]: option quantile_range: expected"));
  BOOST_TEST(refusal_of("robust_scaler quantile_range=25,101")
                 .starts_with("chain[0]: option quantile_range: expected"));
}

BOOST_AUTO_TEST_CASE(rows_kept_in_runs_or_one_by_one_are_the_same_rows) {
  for (const std::size_t every : {2, 3, 50}) {
    auto frame = numbers(std::vector<double>(1000));
    auto& names = frame.columns.emplace_back(
        ColumnInfo{.name = "y", .type = Type::text, .encoding = TextEncoding::fixed, .width = 4});
    std::vector<double> expected;
    for (std::size_t row = 0; row < 1000; ++row) {
      frame.columns[0].f64[row] = row % every == every - 1 ? missing : static_cast<double>(row);
      const auto name = std::to_string(1000 + row);
      names.fixed.insert(names.fixed.end(), name.begin(), name.end());
      if (row % every != every - 1) expected.push_back(static_cast<double>(row));
    }
    Result result;
    result.frame = frame;
    Chain(frame.schema(), parse_chain("handling_missing")).run(result, 1);
    BOOST_TEST((values_of(result.frame.columns[0]) == expected));
    for (std::size_t row = 0; row < expected.size(); ++row)
      BOOST_REQUIRE_EQUAL(result.frame.columns[1].text(row),
                          std::to_string(1000 + static_cast<int>(expected[row])));
  }
}
