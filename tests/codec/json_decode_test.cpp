// SPDX-License-Identifier: Apache-2.0
// What JSON rows mean.
#include <cmath>

#include "decoder_harness.hpp"

using namespace millrace;

namespace {

const ColumnInfo number{"x", Type::float64}, whole{"x", Type::int64}, truth{"x", Type::boolean},
    text{"x", Type::text}, when{"x", Type::time, "s"},
    fixed{"x", Type::text, "", Role::value, TextEncoding::fixed, 4};

using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(every_type_is_decoded) {
  const auto result =
      decoded(Schema{{{"f", Type::float64},
                      {"i", Type::int64},
                      {"b", Type::boolean},
                      {"t", Type::text},
                      {"w", Type::time, "ms"},
                      {"x", Type::text, "", Role::value, TextEncoding::fixed, 4}}},
              {R"({"f":1.5,"i":-7,"b":true,"t":"north","w":"2024-05-01T12:00:00.250Z","x":"abcd"})",
               R"({"f":2,"i":1e3,"b":false,"t":"south","w":1714564800250,"x":""})"});
  BOOST_TEST(result.frame.rows() == 2u);
  BOOST_TEST(result.column("f").f64[0] == 1.5);
  BOOST_TEST(result.column("f").f64[1] == 2);
  BOOST_TEST(result.column("i").i64[0] == -7);
  BOOST_TEST(result.column("i").i64[1] == 1000);
  BOOST_TEST(result.column("b").u8[0] == 1);
  BOOST_TEST(result.column("b").u8[1] == 0);
  BOOST_TEST(result.texts("t") == (Texts{"north", "south"}), boost::test_tools::per_element());
  BOOST_TEST(result.column("w").i64[0] == 1714564800250);
  BOOST_TEST(result.column("w").i64[1] == 1714564800250);
  BOOST_TEST(result.texts("x") == (Texts{"abcd", ""}), boost::test_tools::per_element());
  BOOST_TEST(result.column("i").valid.empty());
}

BOOST_AUTO_TEST_CASE(null_and_an_absent_key_are_missing) {
  for (const auto& column : {number, whole, truth, text, when, fixed}) {
    const auto result = decoded(Schema{{column, {"other", Type::float64}}},
                                {R"({"other":1})", R"({"x":null,"other":1})", "{}", R"({"other":null})"});
    BOOST_TEST(result.frame.rows() == 4u);
    for (std::size_t row = 0; row < 4; ++row) BOOST_TEST(result.column("x").is_missing(row));
    BOOST_TEST(result.column("other").is_missing(2));
    BOOST_TEST(!result.column("other").is_missing(0));
  }
}

BOOST_AUTO_TEST_CASE(nested_objects_become_dotted_names) {
  const auto result = decoded(
      Schema{{{"wind.speed", Type::float64}, {"a.b.c", Type::text}, {"x", Type::float64}}},
      {R"({"wind":{"speed":3,"dir":9},"a":{"b":{"c":"deep"},"d":[1]},"x":4})", R"({"wind.speed":5})"});
  BOOST_TEST(result.column("wind.speed").f64[0] == 3);
  BOOST_TEST(result.column("wind.speed").f64[1] == 5);
  BOOST_TEST(result.texts("a.b.c")[0] == "deep");
  BOOST_TEST(result.column("x").f64[0] == 4);
  BOOST_TEST(result.outcome.unknown_keys == 2u);
  BOOST_TEST(result.outcome.new_unknown_keys == (Texts{"wind.dir", "a.d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_a_key_that_stands_twice_the_last_value_counts) {
  const auto result = decoded(
      Schema{{number, {"t", Type::text}}},
      {R"({"x":1,"t":"a"})", R"({"x":"no number","t":"first","t":"last","x":2})", R"({"x":3,"t":"b"})"});
  BOOST_TEST(result.frame.rows() == 3u);
  BOOST_TEST(result.column("x").f64[1] == 2);
  BOOST_TEST(result.column("t").labels == (Texts{"", "a", "last", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(escapes_and_bytes_beyond_ascii_are_read) {
  const auto result =
      decoded(Schema{{text}}, {R"({"x":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"})",
                               "{\"x\":\"S\xC3\xBC"
                               "d\"}",
                               R"({"\u0078":"key"})", R"({"x":"a text that is longer than sixteen bytes"})",
                               R"({"x":"sixteen bytes ok"})", R"({"x":""})"});
  BOOST_TEST(
      result.texts("x") == (Texts{"a\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80",
                                  "S\xC3\xBC"
                                  "d",
                                  "key", "a text that is longer than sixteen bytes", "sixteen bytes ok", ""}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(unknown_keys_are_counted_and_named_up_to_sixteen) {
  std::vector<std::string> rows;
  for (int row = 0; row < 40; ++row)
    rows.push_back("{\"x\":1,\"key" + std::to_string(row / 2) + "\":\"v\",\"same\":[1,{}]}");
  rows.push_back(R"({"x":"refused","not_counted":1})");
  const auto result = decoded(Schema{{number}}, rows);
  BOOST_TEST(result.outcome.unknown_keys == 80u);
  BOOST_TEST_REQUIRE(result.outcome.new_unknown_keys.size() == 16u);
  BOOST_TEST(result.outcome.new_unknown_keys[0] == "key0");
  BOOST_TEST(result.outcome.new_unknown_keys[1] == "same");
  BOOST_TEST(result.outcome.new_unknown_keys[15] == "key14");
}

BOOST_AUTO_TEST_CASE(a_row_with_a_wrong_type_is_refused_with_its_reason) {
  BOOST_TEST(reason_of(number, R"({"x":"1"})") == "decode: column x: expected a number, found a text");
  BOOST_TEST(reason_of(number, R"({"x":true})") == "decode: column x: expected a number, found true");
  BOOST_TEST(reason_of(number, R"({"x":[1]})") == "decode: column x: expected a number, found an array");
  BOOST_TEST(reason_of(number, R"({"x":{"y":1}})") == "decode: column x: expected a number, found an object");
  BOOST_TEST(reason_of(number, R"({"x":1e400})") ==
             "decode: column x: expected a number within the range of float64, found a greater one");
  BOOST_TEST(reason_of(whole, R"({"x":1.5})") ==
             "decode: column x: expected a whole number, found one with a fraction");
  BOOST_TEST(reason_of(whole, R"({"x":9223372036854775808})") ==
             "decode: column x: expected a whole number within the range of int64, found a greater one");
  BOOST_TEST(reason_of(truth, R"({"x":1})") == "decode: column x: expected true or false, found a number");
  BOOST_TEST(reason_of(text, R"({"x":1})") == "decode: column x: expected a text, found a number");
  BOOST_TEST(reason_of(fixed, R"({"x":"abcde"})") ==
             "decode: column x: expected a text of at most 4 bytes (the column's width), found 5 bytes");
  BOOST_TEST(reason_of(fixed, R"({"x":"a\u0000"})") ==
             "decode: column x: expected a text without zero bytes, found one");
  BOOST_TEST(reason_of(when, R"({"x":"noon"})") ==
             "decode: column x: expected an ISO 8601 time, found another text");
  BOOST_TEST(reason_of(when, R"({"x":"2024-05-01T12:00:00.5Z"})") ==
             "decode: column x: expected a time in whole s, found a finer fraction");
  BOOST_TEST(reason_of(when, R"({"x":1.5})") ==
             "decode: column x: expected a whole number of units since 1970, found another number");
  BOOST_TEST(reason_of(when, R"({"x":false})") == "decode: column x: expected a time, found false");
}

BOOST_AUTO_TEST_CASE(a_row_that_is_not_json_is_refused_with_its_reason) {
  for (const char* row : {"",
                          " ",
                          "5",
                          "}",
                          " }",
                          "[1]",
                          "\"x\"",
                          "{",
                          "{\"x\"",
                          "{\"x\":",
                          "{\"x\":1",
                          "{\"x\":1,",
                          "{\"x\":1,}",
                          "{\"x\" 1}",
                          "{x:1}",
                          "{,}",
                          "{\"x\":1}}",
                          "{\"x\":1} {}",
                          "{\"x\":1}x",
                          "{\"x\":01}",
                          "{\"x\":1.}",
                          "{\"x\":.5}",
                          "{\"x\":+1}",
                          "{\"x\":-}",
                          "{\"x\":nul}",
                          "{\"x\":nullx}",
                          "{\"x\":tru}",
                          "{\"x\":1 2}",
                          "{\"x\":{\"y\":1}",
                          "{\"x\":[1,2}",
                          "{\"x\":[1}]",
                          "{\"y\":{}",
                          "{\"y\":[01]}",
                          "{\"y\":tru}",
                          "{\"x\":NaN}",
                          "{\"y\":Infinity}",
                          "{\"x\":1;\"y\":2}",
                          "{\"x\":1\"y\":2}"})
    BOOST_TEST(reason_of(number, row).starts_with("decode: not valid JSON: "),
               row << " " << reason_of(number, row));
  for (const char* row : {"{\"x\":\"a", "{\"x\":\"\\q\"}", "{\"x\":\"\\ud800\"}", "{\"x\":\"\\udc00\"}",
                          "{\"x\":\"\\u12\"}", "{\"x\":\"\xFF\"}", "{\"x\":\"\xED\xA0\x80\"}",
                          "{\"x\":\"a\tb\"}", "{\"\xFF\":1}", "{\"y\":\"\xC3\"}"})
    BOOST_TEST(reason_of(text, row).starts_with("decode: not valid JSON: "), row);
  for (const char* row : {"{\"x\":1", "{\"x\":1} ;"})
    BOOST_TEST(
        reason_of(number, row) == "decode: not valid JSON: the row does not end with a closing bracket", row);
  BOOST_TEST(reason_of(number, std::string(5000, '[')).starts_with("decode: not valid JSON: "));
  std::string deep;
  for (int level = 0; level < 5000; ++level) deep += "{\"a\":";
  BOOST_TEST(reason_of(number, deep + "1" + std::string(5000, '}')) ==
             "decode: not valid JSON: nested too deeply");
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_are_missing_by_option) {
  DecodeOptions options;
  options.non_finite_is_missing = true;
  for (const char* row :
       {"{\"x\":NaN}", "{\"x\":Infinity}", "{\"x\":-Infinity}", "{\"x\":1e400}", "{\"x\":-1e400,\"y\":NaN}"})
    BOOST_TEST(std::isnan(decoded(Schema{{number}}, {row}, options).column("x").f64.at(0)), row);
  BOOST_TEST(decoded(Schema{{whole}}, {"{\"x\":NaN}"}, options).column("x").is_missing(0));
  BOOST_TEST(reason_of(text, "{\"x\":NaN}", options) ==
             "decode: column x: expected a text, found a number that is not finite");
}

BOOST_AUTO_TEST_CASE(a_row_longer_than_max_row_bytes_is_refused) {
  DecodeOptions options;
  options.max_row_bytes = 7;
  BOOST_TEST(decoded(Schema{{number}}, {"{\"x\":1}"}, options).frame.rows() == 1u);
  BOOST_TEST(reason_of(number, "{\"x\":12}", options) ==
             "decode: expected at most 7 bytes (max_row_bytes), found more");
}
