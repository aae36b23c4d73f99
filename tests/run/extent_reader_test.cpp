// SPDX-License-Identifier: Apache-2.0
#include "run/extent_reader.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "base/temporary_folder.hpp"
#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"
#include "millrace/run/worker.hpp"
#include "millrace/transport/transport.hpp"
#include "run/set_up.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct TwoFiles : TemporaryFolder {
  InputPart write(const std::string& name, std::string_view text) {
    const auto file = (path() / name).string();
    File::open(file, File::Mode::write_new).write_all(text);
    return input_part(file);
  }
  std::vector<InputPart> parts{write("a", "row 1\nrow 2\n"), write("b", "row 3\n")};
  const std::string long_row = std::string(200'000, 'x') + '\n';  // too long to be read ahead
  InputPart long_part = write("c", long_row + long_row);
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(rows_of_several_files_are_read_in_any_order, TwoFiles) {
  ExtentReader reader(parts);
  MessageBuilder builder;
  for (const auto& row : {Extent{1, 0, 5}, Extent{0, 6, 5}, Extent{1, 0, 5}, Extent{0, 0, 5}})
    builder.add_row(row);
  const auto block = builder.finish(0);
  const MessageView message(reader.whole(block));
  BOOST_TEST_REQUIRE(message.rows() == 4u);
  const char* const expected[] = {"row 3", "row 2", "row 3", "row 1"};
  for (std::size_t row = 0; row < 4; ++row) BOOST_TEST(message.row(row) == expected[row]);
}

BOOST_FIXTURE_TEST_CASE(the_input_is_found_only_if_every_file_is_the_one_that_rank_0_has, TwoFiles) {
  BOOST_TEST(ExtentReader(parts).finds_all());
  BOOST_TEST(!ExtentReader({}).finds_all());
  BOOST_TEST(!ExtentReader({input_part("-")}).finds_all());
  File::open(parts[1].name, File::Mode::append).write_all("row 4\n");
  BOOST_TEST(ExtentReader(parts).finds_all());
  fs::copy_file(parts[1].name, path() / "copy");
  fs::rename(path() / "copy", parts[1].name);
  BOOST_TEST(!ExtentReader(parts).finds_all());
  fs::remove(parts[1].name);
  BOOST_TEST(!ExtentReader(parts).finds_all());
  fs::create_directory(parts[1].name);
  BOOST_TEST(!ExtentReader(parts).finds_all());
}

BOOST_FIXTURE_TEST_CASE(many_short_rows_are_those_that_stand_in_the_file, TwoFiles) {
  std::string text;
  for (int row = 0; text.size() < 300'000; ++row)
    text += std::string(static_cast<std::size_t>(row % 97) * 17, 'y') + std::to_string(row) + '\n';
  parts = {write("many", text), long_part};
  ExtentReader reader(parts);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto size = text.find('\n', begin) - begin;
    MessageBuilder builder;
    builder.add_row(Extent{0, begin, size});
    if (begin % 7 == 0) builder.add_row(Extent{1, begin, 9});
    const auto block = builder.finish(0);
    const MessageView message(reader.whole(block));
    BOOST_TEST_REQUIRE(message.row(0) == std::string_view(text).substr(begin, size));
    if (begin % 7 == 0) BOOST_TEST_REQUIRE(message.row(1) == (long_row + long_row).substr(begin, 9));
    begin += size + 1;
  }
}

BOOST_FIXTURE_TEST_CASE(what_a_file_has_grown_by_is_read_behind_what_was_read_ahead, TwoFiles) {
  ExtentReader reader(parts);
  const auto row_at = [&](std::uint64_t offset) {
    MessageBuilder builder;
    builder.add_row(Extent{0, offset, 5});
    const auto block = builder.finish(0);
    return std::string(MessageView(reader.whole(block)).row(0));
  };
  BOOST_TEST(row_at(6) == "row 2");
  File::open(parts[0].name, File::Mode::append).write_all("row 7\n");
  BOOST_TEST(row_at(12) == "row 7");
  BOOST_TEST(row_at(0) == "row 1");
}

BOOST_FIXTURE_TEST_CASE(an_extent_that_no_file_can_have_is_refused, TwoFiles) {
  ExtentReader reader(parts);
  for (const std::uint64_t size : {10u, 15u, 300u}) {
    MessageBuilder builder, good;
    builder.add_row(Extent{0, 0 - std::uint64_t{10}, size});
    good.add_row(Extent{0, 0, 5});
    const auto damaged = builder.finish(0), block = good.finish(1);
    for (int time = 0; time < 2; ++time) {  // with nothing read ahead, and behind the good one
      BOOST_CHECK_THROW(reader.whole(damaged), std::exception);
      BOOST_TEST(MessageView(reader.whole(block)).row(0) == "row 1");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_file_that_was_changed_meanwhile_is_an_error_with_its_name, TwoFiles) {
  parts = {long_part};
  MessageBuilder builder;
  builder.add_row(Extent{0, long_row.size(), long_row.size() - 1});
  const auto block = builder.finish(0);
  const auto error_of = [&](ExtentReader& reader) {
    try {
      reader.whole(block);
    } catch (const Error& error) {
      BOOST_TEST((error.code() == ExitCode::failed));
      return std::string(error.what());
    }
    return std::string();
  };
  const auto& name = parts[0].name;
  ExtentReader reader(parts);
  File::open(name, File::Mode::append).write_all("row 3\n");
  BOOST_TEST(error_of(reader) == "");
  parts[0] = input_part(name);
  ExtentReader later(parts);
  BOOST_TEST(error_of(later) == "");
  fs::last_write_time(name, fs::last_write_time(name) + std::chrono::seconds(1));
  BOOST_TEST(error_of(later).starts_with(name + ": changed since the run began"));
  File::open(name, File::Mode::write_new).write_all(long_row + "xx");
  BOOST_TEST(error_of(later).starts_with(name + ": ends at byte 200003"));
  ExtentReader short_row(parts);  // read ahead, and refused again each time
  MessageBuilder of_short_row;
  of_short_row.add_row(Extent{0, 5, 5});
  const auto short_block = of_short_row.finish(0);
  for (int time = 0; time < 2; ++time) BOOST_CHECK_THROW(short_row.whole(short_block), Error);
  fs::remove(name);
  ExtentReader last(parts);
  BOOST_TEST(error_of(last).starts_with(name + ": "));
}

BOOST_FIXTURE_TEST_CASE(a_worker_that_finds_the_input_says_so, TwoFiles) {
  const auto ranks = make_loopback_transports(2);
  std::thread worker([&] { run_worker(*ranks[1]); });
  SetUp set_up;
  set_up.parts = parts;
  ranks[0]->send(1, Tag::set_up, encode(set_up));
  std::optional<Packet> packet;
  const auto until = system_clock().now_s() + 10;
  while (!(packet = ranks[0]->receive()) && system_clock().now_s() < until) ranks[0]->idle();
  BOOST_TEST((packet && packet->tag == Tag::reads_input));
  ranks[0]->send(1, Tag::stop, {});
  worker.join();
}
