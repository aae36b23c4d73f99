// SPDX-License-Identifier: Apache-2.0
// Decoding of rows written in the test itself, by both JSON paths and by several threads, which must agree.
#pragma once

#include <boost/test/unit_test.hpp>

#include "row_parser.hpp"
#include "sample_rows.hpp"

namespace millrace {

struct Decoded {
  Frame frame;
  DecodeOutcome outcome;

  const Column& column(std::string_view name) const { return frame.columns[*frame.schema().find(name)]; }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> all;
    for (std::size_t row = 0; row < frame.rows(); ++row)
      all.push_back(column(name).is_missing(row) ? "(missing)" : std::string(column(name).text(row)));
    return all;
  }
  std::vector<std::string> reasons() const {
    std::vector<std::string> all;
    for (const auto& reject : outcome.rejects) all.push_back(reject.reason);
    return all;
  }
};

inline bool same(const Decoded& a, const Decoded& b) {
  const auto rejects_agree =
      std::equal(a.outcome.rejects.begin(), a.outcome.rejects.end(), b.outcome.rejects.begin(),
                 b.outcome.rejects.end(), [](const Reject& x, const Reject& y) {
                   return x.row == y.row && x.reason == y.reason && x.bytes == y.bytes;
                 });
  bool labels_agree = a.frame.columns.size() == b.frame.columns.size();
  for (std::size_t column = 0; labels_agree && column < a.frame.columns.size(); ++column)
    labels_agree = a.frame.columns[column].labels == b.frame.columns[column].labels &&
                   a.frame.columns[column].codes == b.frame.columns[column].codes &&
                   a.frame.columns[column].valid == b.frame.columns[column].valid &&
                   a.frame.columns[column].fixed == b.frame.columns[column].fixed;
  return rejects_agree && labels_agree && equal(a.frame, b.frame) &&
         a.outcome.unknown_keys == b.outcome.unknown_keys &&
         a.outcome.new_unknown_keys == b.outcome.new_unknown_keys;
}

inline Decoded decode_with(const RowDecoder& decoder, const std::vector<std::string>& rows, int threads = 1) {
  const auto block = message_of(rows);
  Decoded result;
  result.outcome = decoder.decode(MessageView(block), threads, result.frame);
  return result;
}

// By the fast path twice (it learns), by the general path, and by threads.
inline Decoded decoded(const Schema& schema, const std::vector<std::string>& rows,
                       const DecodeOptions& options = {}) {
  const auto general = decode_with(*make_row_decoder(schema, options, JsonPaths::general_only), rows);
  const auto decoder = make_row_decoder(schema, options);
  for (const int threads : {1, 1, 3}) {
    const auto fast = decode_with(*decoder, rows, threads);
    BOOST_TEST(same(fast, general));
  }
  return general;
}

inline std::string reason_of(const ColumnInfo& column, const std::string& row,
                             const DecodeOptions& options = {}) {
  const auto result = decoded(Schema{{column}}, {row}, options);
  BOOST_TEST_REQUIRE(result.outcome.rejects.size() == 1u, row);
  BOOST_TEST(result.outcome.rejects[0].bytes == row);
  BOOST_TEST(result.frame.rows() == 0u);
  return result.outcome.rejects[0].reason;
}

}  // namespace millrace
