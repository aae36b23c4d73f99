// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/schema_inference.hpp"

#include <boost/test/unit_test.hpp>

using namespace millrace;

namespace {

InferredSchema inferred(const std::vector<std::string>& rows, const DecodeOptions& options = {}) {
  return infer_schema({rows.begin(), rows.end()}, options);
}

Type type_of_x(const std::vector<std::string>& rows) {
  return inferred(rows).schema.columns.at(0).type;
}

DecodeOptions csv(std::vector<std::string> names) {
  DecodeOptions options;
  options.format = RowFormat::csv;
  options.csv_columns = std::move(names);
  return options;
}

bool mentions(const InferredSchema& result, const std::string& words) {
  for (const auto& warning : result.warnings)
    if (warning.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(columns_stand_in_order_of_first_appearance_with_dotted_names) {
  const auto result = inferred({R"({"b":1,"wind":{"speed":2,"dir":"N"}})", R"({"a":true,"b":null})"});
  BOOST_TEST(result.schema.names() == (std::vector<std::string>{"b", "wind.speed", "wind.dir", "a"}),
             boost::test_tools::per_element());
  BOOST_TEST(result.warnings.empty());
}

BOOST_AUTO_TEST_CASE(types_follow_the_values) {
  BOOST_TEST((type_of_x({R"({"x":1})", R"({"x":2.5})"}) == Type::float64));
  BOOST_TEST((type_of_x({R"({"x":5})"}) == Type::float64));
  BOOST_TEST((type_of_x({R"({"x":true})", R"({"x":false})"}) == Type::boolean));
  BOOST_TEST((type_of_x({R"({"x":"N"})", R"({"x":null})"}) == Type::text));
  BOOST_TEST((type_of_x({R"({"x":"2024-05-01"})", R"({"x":"2024-05-01T12:00:00Z"})"}) == Type::time));
  BOOST_TEST((type_of_x({R"({"x":"2024-05-01"})", R"({"x":"today"})"}) == Type::text));
}

BOOST_AUTO_TEST_CASE(the_unit_of_times_is_that_of_the_finest_fraction) {
  const auto unit = [](const std::string& fraction) {
    return inferred({R"({"x":"2024-05-01T12:00:00Z"})", "{\"x\":\"2024-05-01T12:00:00" + fraction + "Z\"}"})
        .schema.columns.at(0)
        .unit;
  };
  BOOST_TEST(unit("") == "s");
  BOOST_TEST(unit(".000") == "s");
  BOOST_TEST(unit(".5") == "ms");
  BOOST_TEST(unit(".1234") == "us");
  BOOST_TEST(unit(".1234567") == "ns");
}

BOOST_AUTO_TEST_CASE(mixed_kinds_take_the_majority_with_a_warning) {
  const auto result = inferred({R"({"x":1})", R"({"x":2})", R"({"x":"NA"})"});
  BOOST_TEST((result.schema.columns.at(0).type == Type::float64));
  BOOST_TEST(mentions(result, "column x: 2 numbers, 1 texts"));
  BOOST_TEST((type_of_x({R"({"x":1})", R"({"x":"a"})", R"({"x":"b"})"}) == Type::text));
}

BOOST_AUTO_TEST_CASE(a_column_that_is_missing_throughout_is_float64_with_a_warning) {
  const auto result = inferred({R"({"x":null})"});
  BOOST_TEST((result.schema.columns.at(0).type == Type::float64));
  BOOST_TEST(mentions(result, "column x: no value in the sample"));
}

BOOST_AUTO_TEST_CASE(whole_numbers_beyond_2_to_the_53_are_warned_of) {
  BOOST_TEST(mentions(inferred({R"({"id":9007199254740993})"}), "column id: whole numbers beyond 2^53"));
  BOOST_TEST(inferred({R"({"id":9007199254740992})", R"({"id":1e300})"}).warnings.empty());
}

BOOST_AUTO_TEST_CASE(texts_that_are_mostly_distinct_are_fixed) {
  std::vector<std::string> few, distinct, repeated;
  for (int row = 0; row < 64; ++row) {
    distinct.push_back("{\"x\":\"serial number " + std::to_string(row) + "\"}");
    repeated.push_back("{\"x\":\"serial number " + std::to_string(row / 2) + "\"}");
    if (row < 63) few.push_back(distinct.back());
  }
  const auto column = inferred(distinct).schema.columns.at(0);
  BOOST_TEST((column.encoding == TextEncoding::fixed));
  BOOST_TEST(column.width == 32u);
  BOOST_TEST((inferred(repeated).schema.columns.at(0).encoding == TextEncoding::codes));
  BOOST_TEST((inferred(few).schema.columns.at(0).encoding == TextEncoding::codes));
}

BOOST_AUTO_TEST_CASE(columns_of_arrays_are_left_out_with_a_warning) {
  const auto result = inferred({R"({"x":[1,2],"y":1})"});
  BOOST_TEST(result.schema.names() == (std::vector<std::string>{"y"}), boost::test_tools::per_element());
  BOOST_TEST(mentions(result, "column x: holds arrays"));
}

BOOST_AUTO_TEST_CASE(rows_that_cannot_be_parsed_are_left_out) {
  const auto result = inferred({R"({"x":"a","y":1)", R"({"x":1})"});
  BOOST_TEST(result.schema.names() == (std::vector<std::string>{"x"}), boost::test_tools::per_element());
  BOOST_TEST((result.schema.columns[0].type == Type::float64));
  BOOST_TEST(inferred({}).schema.columns.empty());
  BOOST_TEST(inferred({"x"}).schema.columns.empty());
}

BOOST_AUTO_TEST_CASE(numbers_with_a_decimal_comma_are_texts_and_warned_of) {
  const auto result =
      inferred({"\"1,5\",\"1,5\",\"a,b\"", "\"-,25\",\"1,5,2\",\"1,5\""}, csv({"x", "y", "z"}));
  BOOST_TEST((result.schema.columns.at(0).type == Type::text));
  BOOST_TEST(mentions(result, "column x: its texts look like numbers with a decimal comma"));
  BOOST_TEST(result.warnings.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_text_among_the_numbers_of_csv_may_stand_for_a_missing_value) {
  auto options = csv({"x", "y"});
  const auto warned = inferred({"1,1", "NA,-", "-,2"}, options);
  BOOST_TEST(mentions(warned, "stands for a missing value, give the source \"missing_values\": [\"-\"]"));
  options.csv_missing = {"NA", "-"};
  const auto told = inferred({"1,1", "NA,-", "-,2"}, options);
  BOOST_TEST(told.warnings.empty());
  for (const auto& column : told.schema.columns) BOOST_TEST((column.type == Type::float64));
}

BOOST_AUTO_TEST_CASE(csv_fields_are_typed_by_their_words) {
  const auto result = inferred({"1,true,N,2024-05-01,", "\"2.5\",FALSE,\"\",2024-05-02,", "too,few"},
                               csv({"a", "b", "c", "d", "e"}));
  const auto& columns = result.schema.columns;
  BOOST_TEST_REQUIRE(columns.size() == 5u);
  BOOST_TEST((columns[0].type == Type::float64));
  BOOST_TEST((columns[1].type == Type::boolean));
  BOOST_TEST((columns[2].type == Type::text));
  BOOST_TEST((columns[3].type == Type::time));
  BOOST_TEST((columns[4].type == Type::float64));
  BOOST_TEST(result.warnings.size() == 1u);
}
