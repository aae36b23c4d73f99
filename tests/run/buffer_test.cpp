// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/buffer.hpp"

#include <boost/test/unit_test.hpp>

using namespace millrace;

namespace {

SourceRow row_at(std::uint64_t line, double scheduled_s = 0, std::string_view bytes = "row") {
  SourceRow row{};
  row.bytes = bytes;
  row.line = line;
  row.behind = {0, line * 4, line, line};
  row.scheduled_s = scheduled_s;
  return row;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_is_cut_at_k_rows_and_the_last_one_may_be_short) {
  Buffer buffer({.rows = 3}, 5);
  BOOST_TEST(!buffer.add(row_at(1), 0).has_value());
  BOOST_TEST(!buffer.add(row_at(2), 0).has_value());
  const auto message = buffer.add(row_at(3), 0);
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->sequence == 5u);
  BOOST_TEST(message->rows == 3u);
  BOOST_TEST(message->behind.line == 3u);
  buffer.add(row_at(4), 0);
  const auto last = buffer.cut();
  BOOST_REQUIRE(last.has_value());
  BOOST_TEST(last->sequence == 6u);
  BOOST_TEST(last->rows == 1u);
  BOOST_TEST(!buffer.cut().has_value());
}

BOOST_AUTO_TEST_CASE(a_row_that_would_pass_the_byte_limit_begins_the_next_message) {
  Buffer buffer({.rows = 100, .bytes = 10}, 0);
  buffer.add(row_at(1, 0, "12345"), 0);
  BOOST_TEST(!buffer.add(row_at(2, 0, "12345"), 0).has_value());
  const auto message = buffer.add(row_at(3, 0, "1"), 0);
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->rows == 2u);
  BOOST_TEST(message->behind.line == 2u);
  BOOST_TEST(buffer.rows() == 1u);
}

BOOST_AUTO_TEST_CASE(one_row_beyond_the_byte_limit_is_a_message_of_its_own) {
  Buffer buffer({.rows = 100, .bytes = 2}, 0);
  BOOST_TEST(!buffer.add(row_at(1, 0, "12345"), 0).has_value());
  BOOST_TEST(buffer.add(row_at(2, 0, "12345"), 0).value().rows == 1u);
}

BOOST_AUTO_TEST_CASE(age_cuts_by_the_schedule_whether_the_clock_or_the_next_row_tells_first) {
  const BufferLimits limits{.rows = 100, .timeout_s = 1.0};
  Buffer by_row(limits, 0), by_clock(limits, 0);
  for (auto* buffer : {&by_row, &by_clock}) {
    buffer->add(row_at(1, 10.0), 0);
    buffer->add(row_at(2, 10.9), 0);
  }
  BOOST_TEST(!by_clock.cut_if_due(10.99).has_value());
  const auto early = by_clock.cut_if_due(11.0);
  BOOST_TEST(!by_clock.add(row_at(3, 11.0), 0).has_value());
  const auto late = by_row.add(row_at(3, 11.0), 0);
  BOOST_REQUIRE(early.has_value() && late.has_value());
  BOOST_TEST(early->block == late->block);
  BOOST_TEST(by_row.rows() == by_clock.rows());
}

BOOST_AUTO_TEST_CASE(rows_keep_the_lines_they_came_from_across_blank_lines_and_files) {
  Buffer buffer({.rows = 100}, 0);
  buffer.add(row_at(1), 0);
  buffer.add(row_at(2), 0);
  buffer.add(row_at(5), 0);
  auto other_file = row_at(6);
  other_file.part = 1;
  other_file.line = 1;
  buffer.add(other_file, 0);
  const auto message = buffer.cut();
  BOOST_REQUIRE(message->origins.size() == 3u);
  BOOST_TEST(message->origins[1].first_row == 2u);
  BOOST_TEST(message->origins[1].line == 5u);
  BOOST_TEST(message->origins[2].part == 1u);
  BOOST_TEST(message->origins[2].first_row == 3u);
}
