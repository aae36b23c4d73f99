// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/result_codec.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace millrace;

namespace {

Result some_result(std::uint32_t rows) {
  Result result;
  result.sequence = 77;
  result.rows_in = rows + 2;
  result.rejects = {{1, "decode: column f: expected a number, found a text", "{\"f\":\"x\"}"}, {3, "r", ""}};
  result.stages = {{0.5, 0}, {0.25, 9}};
  result.unknown_keys = 4;
  result.new_unknown_keys = {"k", "l"};
  result.fits = {{"0/fillna_mean/f/fill", {0.5}}, {"1/quantile_transformer_uniform/f/quantiles", {1, 2, 4}}};
  result.service_s = 1.5;
  result.worker = 3;
  result.frame = Frame(Schema{{{"f", Type::float64},
                               {"i", Type::int64},
                               {"b", Type::boolean},
                               {"t", Type::text},
                               {"x", Type::text, "", Role::value, TextEncoding::fixed, 4},
                               {"w", Type::time, "ms"}}});
  result.frame.columns[3].labels = {"", "north", "south"};
  for (std::uint32_t row = 0; row < rows; ++row) {
    result.frame.row_index.push_back(row * 2);
    result.frame.columns[0].f64.push_back(row % 3 == 0 ? std::nan("") : row * 0.1);
    result.frame.columns[1].i64.push_back(row * 1'000'000'007);
    result.frame.columns[2].u8.push_back(row % 2);
    result.frame.columns[2].valid.push_back(row % 5 != 0);
    result.frame.columns[3].codes.push_back(static_cast<std::int32_t>(row % 3));
    for (int byte = 0; byte < 4; ++byte) result.frame.columns[4].fixed.push_back(byte < 2 ? 'a' : '\0');
    result.frame.columns[5].i64.push_back(-static_cast<std::int64_t>(row));
  }
  return result;
}

void check_same(const Result& a, const Result& b) {
  BOOST_TEST(a.sequence == b.sequence);
  BOOST_TEST(a.rows_in == b.rows_in);
  BOOST_TEST(a.unknown_keys == b.unknown_keys);
  BOOST_TEST(a.new_unknown_keys == b.new_unknown_keys, boost::test_tools::per_element());
  BOOST_TEST((a.fits == b.fits));
  BOOST_TEST(a.service_s == b.service_s);
  BOOST_TEST(a.worker == b.worker);
  BOOST_TEST_REQUIRE(a.stages.size() == b.stages.size());
  for (std::size_t stage = 0; stage < a.stages.size(); ++stage) {
    BOOST_TEST(a.stages[stage].seconds == b.stages[stage].seconds);
    BOOST_TEST(a.stages[stage].rows_dropped == b.stages[stage].rows_dropped);
  }
  BOOST_TEST_REQUIRE(a.rejects.size() == b.rejects.size());
  for (std::size_t reject = 0; reject < a.rejects.size(); ++reject) {
    BOOST_TEST(a.rejects[reject].row == b.rejects[reject].row);
    BOOST_TEST(a.rejects[reject].reason == b.rejects[reject].reason);
    BOOST_TEST(a.rejects[reject].bytes == b.rejects[reject].bytes);
  }
  BOOST_TEST(equal(a.frame, b.frame));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_result_survives_the_way_through_bytes) {
  for (const auto rows : {0u, 1u, 7u, 100'000u})
    for (const int threads : {1, 3}) {
      const auto result = some_result(rows);
      Bytes bytes;
      encode_result(result, threads, bytes);
      const auto back = decode_result(bytes, result.frame.schema());
      check_same(result, back);
      BOOST_TEST(back.frame.columns[3].labels == result.frame.columns[3].labels,
                 boost::test_tools::per_element());
      BOOST_TEST(back.frame.columns[1].valid.empty());
    }
}

BOOST_AUTO_TEST_CASE(results_that_stand_one_behind_the_other_are_decoded_into_the_same_memory) {
  const std::vector<std::uint32_t> all_rows{7, 1, 0, 3000, 2};
  Bytes bytes;
  for (const auto rows : all_rows) encode_result(some_result(rows), 1, bytes);
  const auto schema = some_result(0).frame.schema();
  Result back;
  std::span<const std::byte> left = bytes;
  for (const auto rows : all_rows) {
    left = decode_next_result(left, schema, back);
    check_same(some_result(rows), back);
    BOOST_TEST(back.frame.columns[3].labels == some_result(rows).frame.columns[3].labels,
               boost::test_tools::per_element());
    back.frame.columns.emplace_back();  // as a sink may
  }
  BOOST_TEST(left.empty());
  BOOST_CHECK_THROW(decode_result(bytes, schema), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(the_same_result_gives_the_same_bytes_for_any_number_of_threads) {
  const auto result = some_result(100'000);
  Bytes one, four;
  encode_result(result, 1, one);
  encode_result(result, 4, four);
  BOOST_TEST((one == four));
}

BOOST_AUTO_TEST_CASE(cut_bytes_are_refused) {
  const auto result = some_result(9);
  Bytes bytes;
  encode_result(result, 1, bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_CHECK_THROW(decode_result(std::span(bytes).first(size), result.frame.schema()), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_code_without_a_label_is_refused) {
  auto result = some_result(9);
  result.frame.columns[3].codes[4] = 3;
  Bytes bytes;
  encode_result(result, 1, bytes);
  BOOST_CHECK_THROW(decode_result(bytes, result.frame.schema()), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_result_of_another_schema_is_refused) {
  const auto result = some_result(9);
  Bytes bytes;
  encode_result(result, 1, bytes);
  auto schema = result.frame.schema();
  schema.columns.pop_back();
  BOOST_CHECK_THROW(decode_result(bytes, schema), std::out_of_range);
}
