// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/message.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <random>
#include <stdexcept>
#include <string>

using namespace millrace;

namespace {

// Two files of the input.
const std::array<std::string, 2> files{"{\"a\":1}\r\n{\"a\":2}\n\n\n\n{\"a\":3}\n", "xyz\nuvw"};

void read_file_of_the_input(const Extent& extent, std::span<std::byte> into) {
  const auto bytes = std::as_bytes(std::span(files.at(extent.part))).subspan(extent.offset, extent.bytes);
  std::copy(bytes.begin(), bytes.end(), into.begin());
}

Extent row_at(std::uint64_t part, std::string_view row) {
  return {part, files.at(part).find(row), row.size()};
}

Bytes block_with_extents() {
  MessageBuilder builder;
  builder.add_row(row_at(0, "{\"a\":1}"));
  builder.add_row(row_at(0, "{\"a\":2}"));
  builder.add_row("kept");
  builder.add_row(row_at(0, "{\"a\":3}"));
  builder.add_row(row_at(1, "uvw"));
  builder.add_row("");
  BOOST_TEST(builder.bytes() == 28u);
  return builder.finish(7);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_view_sees_the_rows_that_the_builder_took) {
  MessageBuilder builder;
  builder.add_row("{\"a\":1}");
  builder.add_row("");
  builder.add_row("xyz");
  BOOST_TEST(builder.rows() == 3u);
  BOOST_TEST(builder.bytes() == 10u);
  const auto block = builder.finish(42);
  const MessageView view(block);
  BOOST_TEST(view.sequence() == 42u);
  BOOST_TEST(view.rows() == 3u);
  BOOST_TEST(view.row(0) == "{\"a\":1}");
  BOOST_TEST(view.row(1) == "");
  BOOST_TEST(view.row(2) == "xyz");
}

BOOST_AUTO_TEST_CASE(a_builder_is_empty_again_after_a_message) {
  MessageBuilder builder;
  builder.add_row("one");
  builder.finish(0);
  BOOST_TEST(builder.rows() == 0u);
  builder.add_row("two");
  const auto block = builder.finish(1);
  BOOST_TEST(MessageView(block).rows() == 1u);
  BOOST_TEST(MessageView(block).row(0) == "two");
}

BOOST_AUTO_TEST_CASE(a_damaged_block_is_refused) {
  MessageBuilder builder;
  builder.add_row("some row");
  builder.add_row("another row");
  const auto block = builder.finish(3);
  for (std::size_t size = 0; size < block.size(); ++size)
    BOOST_CHECK_THROW((MessageView({block.data(), size})), std::out_of_range);
  auto beyond = block;
  const std::uint64_t begin = 9;  // of 11 bytes, of 19
  std::memcpy(beyond.data() + beyond.size() - sizeof(RowPlace), &begin, sizeof begin);
  BOOST_CHECK_THROW(MessageView{beyond}, std::out_of_range);
}

BOOST_AUTO_TEST_CASE(rows_that_stay_in_their_files_are_read_from_there_in_few_pieces) {
  const auto block = block_with_extents();
  const auto extents = MessageView(block).extents();
  BOOST_TEST((std::vector<Extent>(extents.begin(), extents.end()) ==
              std::vector<Extent>{{0, 0, 16}, {0, 20, 7}, {1, 4, 3}}));
  Bytes whole;
  const MessageView view(whole_message(block, read_file_of_the_input, whole));
  BOOST_TEST(view.sequence() == 7u);
  BOOST_TEST(view.extents().empty());
  const std::vector<std::string_view> expected{"{\"a\":1}", "{\"a\":2}", "kept", "{\"a\":3}", "uvw", ""};
  BOOST_TEST_REQUIRE(view.rows() == expected.size());
  for (std::size_t row = 0; row < expected.size(); ++row) BOOST_TEST(view.row(row) == expected[row]);
}

BOOST_AUTO_TEST_CASE(a_message_without_extents_is_whole) {
  MessageBuilder builder;
  builder.add_row("row");
  const auto block = builder.finish(0);
  Bytes whole;
  BOOST_TEST(whole_message(block, read_file_of_the_input, whole).data() == block.data());
}

BOOST_AUTO_TEST_CASE(blocks_that_stand_one_behind_the_other_can_be_told_apart) {
  auto blocks = block_with_extents();
  const auto first = blocks.size();
  MessageBuilder builder;
  builder.add_row("row");
  const auto second = builder.finish(8);
  blocks.insert(blocks.end(), second.begin(), second.end());
  BOOST_TEST(block_bytes(blocks) == first);
  BOOST_TEST(block_bytes(std::span(blocks).subspan(first)) == second.size());
  for (std::size_t size = 0; size < first; ++size)
    BOOST_CHECK_THROW(block_bytes(std::span(blocks).first(size)), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_damaged_block_with_extents_is_refused) {
  const auto block = block_with_extents();
  Bytes whole;
  for (std::size_t size = 0; size < block.size(); ++size) {
    const Bytes cut(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size));
    BOOST_CHECK_THROW(whole_message(cut, read_file_of_the_input, whole), std::out_of_range);
  }
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    auto damaged = block;
    damaged[random() % damaged.size()] ^= std::byte{static_cast<unsigned char>(1u << random() % 8)};
    try {
      const MessageView view(damaged);
      for (std::size_t row = 0; view.extents().empty() && row < view.rows(); ++row)
        BOOST_TEST(view.row(row).size() <= view.bytes().size());
    } catch (const std::out_of_range&) {
    }
  }
}
