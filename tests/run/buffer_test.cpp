// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/buffer.hpp"

#include <boost/test/unit_test.hpp>

#include "millrace/codec/payload.hpp"

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

// The message that this row cuts, before or behind itself.
std::optional<CutMessage> add(Buffer& buffer, const SourceRow& row) {
  auto before = buffer.cut_before(row);
  auto with = buffer.add(row, 0);
  BOOST_TEST(!(before && with));
  return before ? std::move(before) : std::move(with);
}

SourceRow row_with(Cut cut, std::uint64_t line = 1) {
  auto row = row_at(line);
  row.cut = cut;
  return row;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_message_is_cut_at_k_rows_and_the_last_one_may_be_short) {
  Buffer buffer({.rows = 3}, 5);
  BOOST_TEST(!add(buffer, row_at(1)).has_value());
  BOOST_TEST(!add(buffer, row_at(2)).has_value());
  const auto message = add(buffer, row_at(3));
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->sequence == 5u);
  BOOST_TEST(message->rows == 3u);
  BOOST_TEST(message->behind.line == 3u);
  add(buffer, row_at(4));
  const auto last = buffer.cut();
  BOOST_REQUIRE(last.has_value());
  BOOST_TEST(last->sequence == 6u);
  BOOST_TEST(last->rows == 1u);
  BOOST_TEST(!buffer.cut().has_value());
}

BOOST_AUTO_TEST_CASE(a_bundle_gives_its_blocks_one_behind_the_other_and_keeps_the_rest) {
  Buffer buffer({.rows = 2}, 0);
  Bundle bundle;
  for (std::uint64_t line = 1; line <= 6; ++line)
    if (auto message = add(buffer, row_at(line))) bundle.add(std::move(*message));
  const auto before = bundle.bytes();
  const auto blocks = bundle.take_blocks();
  BOOST_TEST(bundle.bytes() == before - blocks.size());
  std::span<const std::byte> left = blocks;
  for (const auto& message : bundle.messages()) {
    BOOST_TEST(MessageView(left).sequence() == message.sequence);
    BOOST_TEST(MessageView(left).rows() == 2u);
    BOOST_TEST(message.block.empty());
    left = left.subspan(block_bytes(left));
  }
  BOOST_TEST(left.empty());
}

BOOST_AUTO_TEST_CASE(a_row_that_would_pass_the_byte_limit_begins_the_next_message) {
  Buffer buffer({.rows = 100, .bytes = 10}, 0);
  add(buffer, row_at(1, 0, "12345"));
  BOOST_TEST(!add(buffer, row_at(2, 0, "12345")).has_value());
  const auto message = add(buffer, row_at(3, 0, "1"));
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->rows == 2u);
  BOOST_TEST(message->behind.line == 2u);
  BOOST_TEST(buffer.rows() == 1u);
}

BOOST_AUTO_TEST_CASE(one_row_beyond_the_byte_limit_is_a_message_of_its_own) {
  Buffer buffer({.rows = 100, .bytes = 2}, 0);
  BOOST_TEST(!add(buffer, row_at(1, 0, "12345")).has_value());
  BOOST_TEST(add(buffer, row_at(2, 0, "12345")).value().rows == 1u);
}

BOOST_AUTO_TEST_CASE(age_cuts_by_the_schedule_whether_the_clock_or_the_next_row_tells_first) {
  const BufferLimits limits{.rows = 100, .timeout_s = 1.0};
  Buffer by_row(limits, 0), by_clock(limits, 0);
  for (auto* buffer : {&by_row, &by_clock}) {
    add(*buffer, row_at(1, 10.0));
    add(*buffer, row_at(2, 10.9));
  }
  BOOST_TEST(!by_clock.cut_if_due(10.99).has_value());
  const auto early = by_clock.cut_if_due(11.0);
  BOOST_TEST(!add(by_clock, row_at(3, 11.0)).has_value());
  const auto late = add(by_row, row_at(3, 11.0));
  BOOST_REQUIRE(early.has_value() && late.has_value());
  BOOST_TEST(early->block == late->block);
  BOOST_TEST(by_row.rows() == by_clock.rows());
}

BOOST_AUTO_TEST_CASE(rows_keep_the_lines_they_came_from_across_blank_lines_and_files) {
  Buffer buffer({.rows = 100}, 0);
  add(buffer, row_at(1));
  add(buffer, row_at(2));
  add(buffer, row_at(5));
  auto other_file = row_at(6);
  other_file.part = 1;
  other_file.line = 1;
  add(buffer, other_file);
  const auto message = buffer.cut();
  BOOST_REQUIRE(message->origins.size() == 3u);
  BOOST_TEST(message->origins[1].first_row == 2u);
  BOOST_TEST(message->origins[1].line == 5u);
  BOOST_TEST(message->origins[2].part == 1u);
  BOOST_TEST(message->origins[2].first_row == 3u);
}

BOOST_AUTO_TEST_CASE(rows_of_one_payload_stay_together_beyond_the_buffering_factor_and_its_age) {
  Buffer buffer({.rows = 2, .timeout_s = 1.0}, 0);
  for (int row = 0; row < 4; ++row) BOOST_TEST(!add(buffer, row_with(Cut::must_not)).has_value());
  BOOST_TEST(!buffer.cut_if_due(100).has_value());
  BOOST_TEST(!buffer.cut().has_value());
  const auto message = add(buffer, row_with(Cut::may));
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->rows == 5u);
}

BOOST_AUTO_TEST_CASE(a_payload_that_would_pass_the_byte_limit_begins_the_next_message_as_a_whole) {
  Buffer buffer({.rows = 100, .bytes = 10}, 0);
  BOOST_TEST(!add(buffer, row_at(1)).has_value());
  auto first = row_with(Cut::must_not, 2);
  first.payload_bytes = 9;
  const auto message = add(buffer, first);
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(message->rows == 1u);
  BOOST_TEST(!add(buffer, row_with(Cut::must_not, 2)).has_value());
  BOOST_TEST(!add(buffer, row_with(Cut::may, 2)).has_value());
  BOOST_TEST(add(buffer, row_with(Cut::may, 3)).value().rows == 3u);
}

BOOST_AUTO_TEST_CASE(a_message_ends_where_a_row_says_that_it_must) {
  Buffer buffer({.rows = 100}, 0);
  BOOST_TEST(!add(buffer, row_at(1)).has_value());
  BOOST_TEST(add(buffer, row_with(Cut::must, 2)).value().rows == 2u);
  BOOST_TEST(!add(buffer, row_at(3)).has_value());
  auto alone = row_with(Cut::must, 4);
  alone.begins_message = true;
  BOOST_TEST(buffer.cut_before(alone).value().behind.line == 3u);
  BOOST_TEST(!buffer.cut_before(alone).has_value());
  BOOST_TEST(buffer.add(alone, 0).value().rows == 1u);
}

BOOST_AUTO_TEST_CASE(a_refused_payload_is_a_row_of_its_message_and_its_bytes_stay_here) {
  Buffer buffer({.rows = 2, .bytes = 1000}, 0);
  add(buffer, row_at(1));
  auto refused = row_at(2, 0, "rubbish");
  refused.refusal = "payload: it is empty";
  const auto message = add(buffer, refused);
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(MessageView(message->block).row(1) == refused_payload_row);
  BOOST_REQUIRE(message->refused.size() == 1u);
  BOOST_TEST(message->refused[0].row == 1u);
  BOOST_TEST(message->refused[0].reason == "payload: it is empty");
  BOOST_TEST(message->refused[0].bytes == "rubbish");
}

BOOST_AUTO_TEST_CASE(the_bytes_of_refused_payloads_count_against_the_byte_limit) {
  Buffer buffer({.rows = 100, .bytes = 10}, 0);
  auto refused = row_at(1, 0, "123456789");
  refused.refusal = "payload: it is empty";
  BOOST_TEST(!add(buffer, refused).has_value());
  BOOST_TEST(add(buffer, row_at(2)).value().rows == 1u);
}

BOOST_AUTO_TEST_CASE(the_provenance_has_the_time_of_arrival_where_the_source_knows_it) {
  Buffer buffer({.rows = 2}, 0);
  for (const double arrival_unix_s : {11.0, 12.0}) {
    auto row = row_at(1);
    row.arrival_unix_s = arrival_unix_s;
    const auto message = add(buffer, row);
    if (!message) continue;
    BOOST_TEST(message->first_arrival_unix_s == 11.0);
    BOOST_TEST(message->last_arrival_unix_s == 12.0);
  }
}

BOOST_AUTO_TEST_CASE(rows_that_stay_in_their_files_are_cut_as_those_that_do_not) {
  const BufferLimits limits{.rows = 4, .bytes = 20};
  Buffer with(limits, 0), without(limits, 0);
  std::uint64_t at = 0;
  for (std::uint64_t line = 1; line < 200; ++line) {
    const std::string bytes(line * 7 % 13, 'x');
    auto row = row_at(line, 0, bytes);
    const auto expected = add(without, row);
    row.at = at;
    at += bytes.size() + 1;
    const auto message = add(with, row);
    BOOST_TEST_REQUIRE(message.has_value() == expected.has_value());
    if (!message) continue;
    BOOST_TEST_REQUIRE(message->rows == expected->rows);
    BOOST_TEST_REQUIRE(MessageView(message->block).bytes().empty());
    BOOST_TEST_REQUIRE(message->bytes_in_files == MessageView(expected->block).bytes().size());
  }
}

BOOST_AUTO_TEST_CASE(a_refused_row_of_a_file_is_kept_and_not_read_there) {
  Buffer buffer({.rows = 2}, 0);
  auto refused = row_at(1);
  refused.at = 0;
  refused.refusal = "too long";
  add(buffer, refused);
  auto row = row_at(2);
  row.at = 4;
  const auto message = add(buffer, row);
  BOOST_REQUIRE(message.has_value());
  BOOST_TEST(MessageView(message->block).bytes() == refused_payload_row);
  BOOST_TEST(MessageView(message->block).extents().size() == 1u);
}
