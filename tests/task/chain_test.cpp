// SPDX-License-Identifier: Apache-2.0
#include "millrace/task/chain.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "millrace/base/error.hpp"
#include "task/frame_stream.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

const Schema schema{{{.name = "time", .type = Type::time, .unit = "s"},
                     {.name = "outTemp"},
                     {.name = "inTemp"},
                     {.name = "count", .type = Type::int64},
                     {.name = "id", .type = Type::int64, .role = Role::key},
                     {.name = "station", .type = Type::text}}};

Frame small_frame(const std::vector<double>& out_temp) {
  Frame frame(schema);
  for (auto& column : frame.columns) column.resize(out_temp.size());
  for (std::uint32_t row = 0; row < out_temp.size(); ++row) {
    frame.row_index.push_back(10 * row);
    frame.columns[0].i64[row] = 1700000000 + row;
    frame.columns[1].f64[row] = out_temp[row];
    frame.columns[2].f64[row] = 1;
    frame.columns[3].i64[row] = (std::int64_t{1} << 60) + 1;
    frame.columns[4].i64[row] = (std::int64_t{1} << 60) + 1;
    frame.columns[5].codes[row] = 0;
  }
  return frame;
}

Result run(const Frame& frame, const std::string& chain) {
  Result result;
  result.frame = frame;
  Chain(frame.schema(), parse_chain(chain)).run(result, 1);
  return result;
}

std::string error_of(const std::string& chain) {
  try {
    Chain(schema, parse_chain(chain));
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ExitCode::project_refused));
    return error.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_empty_chain_is_a_copy) {
  const auto frame = small_frame({1, missing, 3});
  const auto result = run(frame, "");
  BOOST_TEST(equal(result.frame, frame));
  BOOST_TEST(result.stages.empty());
  BOOST_TEST((Chain(schema, {}).schema_after() == schema));
}

BOOST_AUTO_TEST_CASE(refused_rows_join_the_rejects_in_the_order_of_rows) {
  Result result;
  result.frame = small_frame({missing, 2, missing});
  result.rejects = {{5, "decode: broken", "{"}, {25, "decode: broken", "["}};
  Chain(schema, parse_chain("normalizer columns=outTemp,inTemp")).run(result, 1);
  BOOST_REQUIRE_EQUAL(result.rejects.size(), 4);
  const std::vector<std::uint32_t> expected{0, 5, 20, 25};
  for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(result.rejects[i].row == expected[i]);
  BOOST_TEST(result.rejects[0].reason ==
             "normalizer: column outTemp: expected a number, found a missing value");
  BOOST_TEST(result.frame.rows() == 1);
  BOOST_TEST(result.frame.row_index[0] == 10);
  BOOST_TEST(result.stages.at(0).rows_dropped == 0);
}

BOOST_AUTO_TEST_CASE(dropped_rows_are_counted_for_the_task_that_dropped_them) {
  const auto result = run(small_frame({1, 1, 2, 1}), "fillna_zeros\ndrop_duplicates subset=outTemp");
  BOOST_TEST(result.frame.rows() == 2);
  BOOST_TEST(result.stages.at(0).rows_dropped == 0);
  BOOST_TEST(result.stages.at(1).rows_dropped == 2);
  BOOST_TEST(result.frame.row_index[1] == 20);
}

BOOST_AUTO_TEST_CASE(whole_numbers_become_doubles_only_where_a_task_computes) {
  const auto kept = run(small_frame({1, 2}), "fillna_zeros\ndrop_duplicates");
  BOOST_TEST((kept.frame.columns[3].info.type == Type::int64));
  BOOST_TEST(kept.frame.columns[3].i64[0] == (std::int64_t{1} << 60) + 1);
  const auto scaled = run(small_frame({1, 2}), "standard_scaler");
  BOOST_TEST((scaled.frame.columns[3].info.type == Type::float64));
  BOOST_TEST(scaled.frame.columns[3].f64[1] == 0);
}

BOOST_AUTO_TEST_CASE(keys_times_and_columns_outside_stay_untouched) {
  const auto before = small_frame({1, 5});
  const auto after =
      run(before, "standard_scaler columns=out*\nquantile_transformer_normal columns=outTemp").frame;
  for (const std::size_t column : {0, 2, 3, 4, 5}) {
    BOOST_TEST((after.columns[column].i64 == before.columns[column].i64));
    BOOST_TEST((after.columns[column].f64 == before.columns[column].f64));
    BOOST_TEST((after.columns[column].codes == before.columns[column].codes));
  }
  BOOST_TEST(after.columns[1].f64[0] < -5);
}

BOOST_AUTO_TEST_CASE(every_task_takes_a_frame_of_no_rows_and_keeps_its_promised_schema) {
  for (const auto& info : task_catalog()) {
    const auto steps = parse_chain(info.part.name);
    const Chain chain(schema, steps);
    for (const auto& values : {std::vector<double>{}, {missing}, {3}, {3, missing}}) {
      Result result;
      result.frame = small_frame(values);
      chain.run(result, 2);
      BOOST_TEST((result.frame.schema() == chain.schema_after()), info.part.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_infinity_from_a_stage_before_is_refused_by_the_scalers) {
  for (const auto* task : {"standard_scaler", "normalizer", "quantile_transformer_uniform"}) {
    const auto result = run(small_frame({1, std::numeric_limits<double>::infinity(), 3}), task);
    BOOST_REQUIRE_EQUAL(result.rejects.size(), 1);
    BOOST_TEST(result.rejects[0].row == 10);
    BOOST_TEST(result.rejects[0].reason ==
               std::string(task) + ": column outTemp: expected a finite number, found an infinity");
  }
}

BOOST_AUTO_TEST_CASE(what_tasks_were_fitted_to_is_kept_if_asked_for) {
  const Chain chain(schema, parse_chain("abs\nmax_abs_scaler columns=outTemp,inTemp\n"
                                        "fillna_mean columns=outTemp\nnormalizer missing=skip"));
  Result kept, dropped;
  kept.frame = dropped.frame = small_frame({-4, missing, 2});
  chain.run(kept, 1, true);
  chain.run(dropped, 1);
  const std::vector<Fit> expected{{"1/max_abs_scaler/outTemp/scale", {4}},
                                  {"1/max_abs_scaler/inTemp/scale", {1}},
                                  {"2/fillna_mean/outTemp/fill", {0.75}}};
  BOOST_TEST((kept.fits == expected));
  BOOST_TEST(dropped.fits.empty());
  BOOST_TEST(equal(kept.frame, dropped.frame));
}

BOOST_AUTO_TEST_CASE(the_names_of_fits_are_the_same_for_every_message_and_one_value_each_but_for_quantiles) {
  for (const auto& info : task_catalog()) {
    const Chain chain(schema, parse_chain(info.part.name));
    std::vector<std::string> names;
    for (const auto& values : {std::vector<double>{1, 2, missing}, {}, {missing}, {3, 3}}) {
      Result result;
      result.frame = small_frame(values);
      chain.run(result, 2, true);
      std::vector<std::string> found;
      for (const auto& fit : result.fits) {
        found.push_back(fit.name);
        const auto one_each = fit.name.ends_with("/quantiles") ? values.size() : 1;
        BOOST_TEST(fit.values.size() == one_each, fit.name);
      }
      if (names.empty()) names = found;
      BOOST_TEST(found == names, boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_chain_is_refused_with_step_and_hint) {
  BOOST_TEST(error_of("fillna_zeros\nnormaliser") ==
             "chain[1]: there is no task \"normaliser\"; the nearest is \"normalizer\"");
  BOOST_TEST(error_of("normalizer columns=outTmp") ==
             "chain[0]: option columns: there is no column \"outTmp\"; the nearest is \"outTemp\"");
  BOOST_TEST(error_of("standard_scaler columns=station") ==
             "chain[0]: option columns: column \"station\" is text; expected float64 or int64");
  BOOST_TEST(error_of("standard_scaler columns=stat*") ==
             "chain[0]: option columns: \"stat*\" matches no numeric value column");
  BOOST_TEST(error_of("drop_duplicates subset=*x") == "chain[0]: option subset: \"*x\" matches no column");
}

BOOST_AUTO_TEST_CASE(fill_values_fit_their_columns) {
  BOOST_TEST(
      error_of("fillna_zeros value=0.5").starts_with("chain[0]: option value: column \"count\" is int64"));
  BOOST_TEST(error_of("fillna_zeros columns=outTemp values=1,2").starts_with("chain[0]: option values"));
  BOOST_TEST(error_of("fillna_zeros columns=outTemp value=0.5").empty());
  auto frame = small_frame({missing, 2});
  frame.columns[2].f64[1] = missing;
  const auto result = run(frame, "fillna_zeros columns=inTemp,outTemp values=7,8");
  BOOST_TEST(result.frame.columns[1].f64[0] == 8);
  BOOST_TEST(result.frame.columns[2].f64[1] == 7);
}

BOOST_AUTO_TEST_CASE(the_catalogue_is_in_alphabetical_order_and_every_task_explains_itself) {
  const auto& catalog = task_catalog();
  BOOST_TEST(std::is_sorted(catalog.begin(), catalog.end(),
                            [](const auto& a, const auto& b) { return a.part.name < b.part.name; }));
  for (const auto& info : catalog) {
    BOOST_TEST(!info.part.help.empty());
    BOOST_TEST(!info.part.reference.empty());
    BOOST_TEST(info.example.find(info.part.name) != std::string::npos);
    for (const auto& option : info.part.options)
      BOOST_TEST(!option.help.empty(), info.part.name << option.name);
  }
}
