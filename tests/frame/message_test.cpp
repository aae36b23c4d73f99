// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/message.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace millrace;

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
  auto descending = block;
  const std::uint64_t end = 100;
  std::memcpy(descending.data() + descending.size() - 16, &end, sizeof end);
  BOOST_CHECK_THROW(MessageView{descending}, std::out_of_range);
}
