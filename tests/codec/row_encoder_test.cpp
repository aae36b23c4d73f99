// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/row_encoder.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

using namespace millrace;

namespace {

Frame frame_of_all_types() {
  Frame frame(Schema{{{"f", Type::float64},
                      {"i", Type::int64},
                      {"b", Type::boolean},
                      {"t", Type::text},
                      {"x", Type::text, "", Role::value, TextEncoding::fixed, 4},
                      {"w", Type::time, "ms"}}});
  frame.row_index = {0, 1};
  frame.columns[0].f64 = {0.1, std::nan("")};
  frame.columns[1].i64 = {9007199254740993, 0};
  frame.columns[1].valid = {1, 0};
  frame.columns[2].u8 = {1, 0};
  frame.columns[2].valid = {1, 0};
  frame.columns[3].labels = {"", "a,\"b\"\n"};
  frame.columns[3].codes = {1, 0};
  frame.columns[4].fixed = {'u', 'v', 0, 0, 0, 0, 0, 0};
  frame.columns[4].valid = {1, 0};
  frame.columns[5].i64 = {1500, 0};
  frame.columns[5].valid = {1, 0};
  return frame;
}

std::string rows(const Frame& frame, RowFormat format) {
  std::string out;
  append_header(frame.schema(), format, out);
  append_rows(frame, format, out);
  return out;
}

std::string number(double value, RowFormat format = RowFormat::csv) {
  Frame frame(Schema{{{"x", Type::float64}}});
  frame.row_index = {0};
  frame.columns[0].f64 = {value};
  std::string out;
  append_rows(frame, format, out);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_type_is_printed_as_a_json_line_and_missing_as_null) {
  BOOST_TEST(rows(frame_of_all_types(), RowFormat::jsonl) ==
             "{\"f\":0.1,\"i\":9007199254740993,\"b\":true,\"t\":\"a,\\\"b\\\"\\n\",\"x\":\"uv\","
             "\"w\":\"1970-01-01T00:00:01.500Z\"}\n"
             "{\"f\":null,\"i\":null,\"b\":null,\"t\":null,\"x\":null,\"w\":null}\n");
}

BOOST_AUTO_TEST_CASE(every_type_is_printed_as_csv_and_missing_as_an_empty_field) {
  BOOST_TEST(rows(frame_of_all_types(), RowFormat::csv) ==
             "f,i,b,t,x,w\n0.1,9007199254740993,true,\"a,\"\"b\"\"\n\",uv,1970-01-01T00:00:01.500Z\n,,,,,\n");
}

BOOST_AUTO_TEST_CASE(an_empty_text_is_quoted_in_csv) {
  auto frame = frame_of_all_types();
  frame.columns[3].labels[1] = "";
  frame.columns[4].fixed[0] = frame.columns[4].fixed[1] = 0;
  BOOST_TEST(rows(frame, RowFormat::csv).find("true,\"\",\"\",1970") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(numbers_have_the_shortest_form_that_reads_back) {
  BOOST_TEST(number(5) == "5\n");
  BOOST_TEST(number(-0.0) == "-0\n");
  BOOST_TEST(number(0.1 + 0.2) == "0.30000000000000004\n");
  BOOST_TEST(number(1e23) == "1e+23\n");
  BOOST_TEST(number(5e-324) == "5e-324\n");
  BOOST_TEST(number(std::numeric_limits<double>::infinity(), RowFormat::jsonl) == "{\"x\":null}\n");
}

BOOST_AUTO_TEST_CASE(numbers_are_printed_as_to_chars_prints_them) {
  std::mt19937_64 random(13);
  const auto check = [](double value) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr - text;
    BOOST_TEST_REQUIRE(number(value) == std::string(text, static_cast<std::size_t>(end)) + "\n");
  };
  for (const double value :
       {0.001, 0.0009999999, 0.07, 99999.999999, 99999.9999999, 100000.0, 1e-3, 1e5, 0.000001})
    for (const double nearby : {value, -value, std::nextafter(value, 0), std::nextafter(value, 1e9)})
      check(nearby);
  for (int round = 0; round < 200'000; ++round) {
    const auto digits = static_cast<double>(random() % (round % 2 == 0 ? 10'000 : 1'000'000'000'000));
    check(digits / std::pow(10, random() % 12));
    check(std::bit_cast<double>(0x3F50'0000'0000'0000 + random() % 0x00F0'0000'0000'0000));
  }
}

BOOST_AUTO_TEST_CASE(a_time_beyond_the_year_9999_is_printed_as_its_number) {
  Frame frame(Schema{{{"w", Type::time, "s"}}});
  frame.row_index = {0};
  frame.columns[0].i64 = {1'000'000'000'000};
  std::string out;
  append_rows(frame, RowFormat::jsonl, out);
  BOOST_TEST(out == "{\"w\":1000000000000}\n");
}

BOOST_AUTO_TEST_CASE(a_frame_without_columns_prints_empty_objects) {
  Frame frame;
  frame.row_index = {0, 1};
  std::string out;
  append_rows(frame, RowFormat::jsonl, out);
  BOOST_TEST(out == "{}\n{}\n");
}

BOOST_AUTO_TEST_CASE(json_texts_are_escaped) {
  BOOST_TEST(json_text("a\"\\\b\f\n\r\t\x01 \xC3\xBC") == "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u0001 \xC3\xBC\"");
  BOOST_TEST(json_text("") == "\"\"");
}

BOOST_AUTO_TEST_CASE(base64_is_that_of_rfc_4648) {
  BOOST_TEST(base64("") == "");
  BOOST_TEST(base64("f") == "Zg==");
  BOOST_TEST(base64("fo") == "Zm8=");
  BOOST_TEST(base64("foobar") == "Zm9vYmFy");
  BOOST_TEST(base64("\xFF\xFE\xFD") == "//79");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_told) {
  BOOST_TEST(
      is_utf8("S\xC3\xBC"
              "d"));
  BOOST_TEST(
      !is_utf8("S\xFC"
               "d"));
  BOOST_TEST(!is_utf8("\xED\xA0\x80"));
}
