// SPDX-License-Identifier: Apache-2.0
// What CSV rows mean.
#include <cmath>

#include "decoder_harness.hpp"

using namespace millrace;

namespace {

using Texts = std::vector<std::string>;

DecodeOptions csv(std::vector<std::string> names, char delimiter = ',') {
  DecodeOptions options;
  options.format = RowFormat::csv;
  options.csv_columns = std::move(names);
  options.csv_delimiter = delimiter;
  return options;
}

std::string csv_reason(Type type, const std::string& row) {
  return reason_of({"x", type, "s"}, row, csv({"x"}));
}

double number(const std::string& field) {
  return decoded(Schema{{{"x", Type::float64}, {"y", Type::float64}}}, {field + ",1"}, csv({"x", "y"}))
      .column("x")
      .f64.at(0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(csv_fields_go_to_their_columns_by_position) {
  const auto result =
      decoded(Schema{{{"t", Type::text},
                      {"f", Type::float64},
                      {"b", Type::boolean},
                      {"w", Type::time, "s"},
                      {"i", Type::int64}}},
              {"1.5,north,TRUE,2024-05-01,-7", "2,south,0, 1714521600 ,+8", "3,\"a,\"\"b\"\"\",false,,"},
              csv({"f", "t", "b", "w", "i"}));
  BOOST_TEST_REQUIRE(result.frame.rows() == 3u);
  BOOST_TEST(result.texts("t") == (Texts{"north", "south", "a,\"b\""}), boost::test_tools::per_element());
  BOOST_TEST(result.column("f").f64[2] == 3);
  BOOST_TEST(result.column("b").u8[0] == 1);
  BOOST_TEST(result.column("b").u8[1] == 0);
  BOOST_TEST(result.column("w").i64[0] == 1714521600);
  BOOST_TEST(result.column("w").i64[1] == 1714521600);
  BOOST_TEST(result.column("i").i64[1] == 8);
  BOOST_TEST(result.column("i").is_missing(2));
  BOOST_TEST(result.column("w").is_missing(2));
}

BOOST_AUTO_TEST_CASE(an_empty_field_is_missing_and_a_quoted_empty_field_is_an_empty_text) {
  const auto result =
      decoded(Schema{{{"t", Type::text}, {"u", Type::text}}}, {",\"\"", "\"\","}, csv({"t", "u"}));
  BOOST_TEST(result.texts("t") == (Texts{"(missing)", ""}), boost::test_tools::per_element());
  BOOST_TEST(result.texts("u") == (Texts{"", "(missing)"}), boost::test_tools::per_element());
  BOOST_TEST(csv_reason(Type::float64, "\"\"") == "decode: column x: expected a number, found an empty text");
}

BOOST_AUTO_TEST_CASE(csv_numbers_may_be_written_in_more_ways_than_json_numbers) {
  BOOST_TEST(number(" 5 ") == 5);
  BOOST_TEST(number("+5.") == 5);
  BOOST_TEST(number("007.50") == 7.5);
  BOOST_TEST(number("-.5") == -0.5);
  BOOST_TEST(number("\"5\"") == 5);
  BOOST_TEST(number("123456789.123") == 123456789.123);
  BOOST_TEST(number("1e-7") == 1e-7);
}

BOOST_AUTO_TEST_CASE(other_delimiters_may_be_given) {
  const auto result = decoded(Schema{{{"x", Type::float64}, {"t", Type::text}}}, {"1.5;a,b", "\"2\";\"c;d\""},
                              csv({"x", "t"}, ';'));
  BOOST_TEST(result.column("x").f64.at(1) == 2);
  BOOST_TEST(result.texts("t") == (Texts{"a,b", "c;d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_csv_row_with_a_wrong_field_is_refused_with_its_reason) {
  BOOST_TEST(csv_reason(Type::float64, "abc") == "decode: column x: expected a number, found a text");
  BOOST_TEST(csv_reason(Type::float64, "1,5") == "decode: expected 1 fields, found 2");
  BOOST_TEST(csv_reason(Type::float64, "nan") ==
             "decode: column x: expected a number, found a number that is not finite");
  BOOST_TEST(csv_reason(Type::int64, "1.5") ==
             "decode: column x: expected a whole number, found one with a fraction");
  BOOST_TEST(csv_reason(Type::boolean, "yes") == "decode: column x: expected true or false, found a text");
  BOOST_TEST(csv_reason(Type::time, "noon") ==
             "decode: column x: expected an ISO 8601 time, found another text");
  BOOST_TEST(csv_reason(Type::text, "a\"b") ==
             "decode: not valid CSV: a quote stands inside a field without quotes");
  BOOST_TEST(csv_reason(Type::text, "\"a") == "decode: not valid CSV: a quote is not closed");
  BOOST_TEST(csv_reason(Type::text, "\"a\"b") ==
             "decode: not valid CSV: something stands behind a closing quote");
  BOOST_TEST(csv_reason(Type::text, "\xFF") == "decode: not valid UTF-8");
}

BOOST_AUTO_TEST_CASE(too_few_fields_are_told_before_a_wrong_value) {
  const auto result =
      decoded(Schema{{{"x", Type::float64}, {"y", Type::float64}}}, {"abc", "1,2,3", "1,2"}, csv({"x", "y"}));
  BOOST_TEST(
      result.reasons() == (Texts{"decode: expected 2 fields, found 1", "decode: expected 2 fields, found 3"}),
      boost::test_tools::per_element());
  BOOST_TEST(result.frame.rows() == 1u);
}

BOOST_AUTO_TEST_CASE(fields_without_a_column_are_counted_and_columns_without_a_field_are_missing) {
  const auto result = decoded(Schema{{{"x", Type::float64}, {"gone", Type::int64}}}, {"1,a,", "2,,\"\""},
                              csv({"x", "p", "q"}));
  BOOST_TEST(result.column("gone").is_missing(1));
  BOOST_TEST(result.outcome.unknown_keys == 2u);
  BOOST_TEST(result.outcome.new_unknown_keys == (Texts{"p", "q"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_name_that_stands_twice_the_last_field_counts) {
  const auto result = decoded(Schema{{{"x", Type::float64}}}, {"1,2"}, csv({"x", "x"}));
  BOOST_TEST(result.column("x").f64.at(0) == 2);
  BOOST_TEST(result.outcome.unknown_keys == 0u);
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_are_missing_in_csv_by_option) {
  auto options = csv({"x"});
  options.non_finite_is_missing = true;
  for (const char* field : {"NaN", "-inf", "Infinity", "1e999"})
    BOOST_TEST(std::isnan(decoded(Schema{{{"x", Type::float64}}}, {field}, options).column("x").f64.at(0)),
               field);
}

BOOST_AUTO_TEST_CASE(fields_without_quotes_that_stand_for_a_missing_value_are_missing) {
  auto options = csv({"f", "i", "w", "b", "t", "unknown"});
  options.csv_missing = {"NA", "-999"};
  const auto result = decoded(
      Schema{{{"f", Type::float64},
              {"i", Type::int64},
              {"w", Type::time, "s"},
              {"b", Type::boolean},
              {"t", Type::text}}},
      {"NA,NA,NA,NA,NA,NA", "-999, -999 ,-999,-999,-999,-999", "-999.0,-9990,0,0,\"NA\",\"NA\""}, options);
  BOOST_TEST(result.outcome.rejects.empty());
  BOOST_TEST(result.outcome.unknown_keys == 1u);
  for (const auto* name : {"f", "i", "w", "b", "t"})
    for (const std::size_t row : {0u, 1u})
      BOOST_TEST(result.column(name).is_missing(row), name << ", row " << row);
  BOOST_TEST(result.column("f").f64.at(2) == -999);
  BOOST_TEST(result.column("i").i64.at(2) == -9990);
  for (const auto* name : {"w", "b", "t"}) BOOST_TEST(!result.column(name).is_missing(2), name);
  BOOST_TEST(csv_reason(Type::float64, "NA") == "decode: column x: expected a number, found a text");
}

BOOST_AUTO_TEST_CASE(a_header_line_is_split_into_its_names) {
  BOOST_TEST(*split_csv_row("a,\"b,\"\"c\"\"\",,d e", ',') == (Texts{"a", "b,\"c\"", "", "d e"}),
             boost::test_tools::per_element());
  BOOST_TEST(!split_csv_row("a,\"b", ','));
}
