// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/frame.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace millrace;

namespace {

Frame four_rows() {
  Frame frame(Schema{{{.name = "t", .type = Type::time, .unit = "s"},
                      {.name = "x"},
                      {.name = "on", .type = Type::boolean},
                      {.name = "wind", .type = Type::text},
                      {.name = "id", .type = Type::text, .encoding = TextEncoding::fixed, .width = 4}}});
  frame.row_index = {0, 2, 3, 7};
  frame.columns[0].i64 = {10, 20, 30, 40};
  frame.columns[1].f64 = {1, NAN, 3, 4};
  frame.columns[2].u8 = {1, 0, 1, 0};
  frame.columns[2].valid = {1, 1, 0, 1};
  frame.columns[3].labels = {"", "N", "SW"};
  frame.columns[3].codes = {2, 1, 0, 2};
  frame.columns[4].fixed.assign(16, 0);
  const std::string ids =
      std::string("ab\0\0", 4) + std::string("\0\0\0\0", 4) + "wxyz" + std::string("q\0\0\0", 4);
  std::copy(ids.begin(), ids.end(), frame.columns[4].fixed.begin());
  return frame;
}

}  // namespace

BOOST_AUTO_TEST_CASE(missing_is_told_by_nan_code_zero_or_validity) {
  const auto frame = four_rows();
  BOOST_TEST(frame.columns[1].is_missing(1));
  BOOST_TEST(!frame.columns[1].is_missing(0));
  BOOST_TEST(frame.columns[2].is_missing(2));
  BOOST_TEST(frame.columns[3].is_missing(2));
  BOOST_TEST(!frame.columns[0].is_missing(2));
}

BOOST_AUTO_TEST_CASE(texts_of_both_encodings_are_read_without_padding) {
  const auto frame = four_rows();
  BOOST_TEST(frame.columns[3].text(0) == "SW");
  BOOST_TEST(frame.columns[3].text(2) == "");
  BOOST_TEST(frame.columns[4].text(0) == "ab");
  BOOST_TEST(frame.columns[4].text(1) == "");
  BOOST_TEST(frame.columns[4].text(2) == "wxyz");
}

BOOST_AUTO_TEST_CASE(kept_rows_keep_their_values_and_indices_in_every_column) {
  auto frame = four_rows();
  frame.keep_rows({0, 2, 3});
  BOOST_TEST(frame.rows() == 3u);
  BOOST_TEST(frame.row_index == (std::vector<std::uint32_t>{0, 3, 7}));
  BOOST_TEST(frame.columns[0].i64[1] == 30);
  BOOST_TEST(frame.columns[1].f64[1] == 3.0);
  BOOST_TEST(frame.columns[2].is_missing(1));
  BOOST_TEST(frame.columns[3].text(2) == "SW");
  BOOST_TEST(frame.columns[4].text(1) == "wxyz");
  BOOST_TEST(frame.columns[4].text(2) == "q");
}

BOOST_AUTO_TEST_CASE(frames_are_equal_by_value_whatever_their_label_tables) {
  const auto frame = four_rows();
  auto other = four_rows();
  other.columns[3].labels = {"", "SW", "N", "never used"};
  other.columns[3].codes = {1, 2, 0, 1};
  BOOST_TEST(equal(frame, other));
  other.columns[0].i64[3] = 41;
  BOOST_TEST(!equal(frame, other));
}

BOOST_AUTO_TEST_CASE(a_schema_finds_its_columns_and_its_types_have_names) {
  const auto schema = four_rows().schema();
  BOOST_TEST(schema.find("wind").value() == 3u);
  BOOST_TEST(!schema.find("Wind").has_value());
  for (const auto type : {Type::float64, Type::int64, Type::boolean, Type::text, Type::time})
    BOOST_CHECK(type_of(name_of(type)) == type);
  BOOST_TEST(!type_of("double").has_value());
}
