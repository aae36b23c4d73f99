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

BOOST_FIXTURE_TEST_CASE(a_file_that_was_changed_meanwhile_is_an_error_with_its_name, TwoFiles) {
  MessageBuilder builder;
  builder.add_row(Extent{0, 6, 5});
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
  File::open(name, File::Mode::write_new).write_all("row 1\nro");
  BOOST_TEST(error_of(later).starts_with(name + ": ends at byte 8"));
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
