// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <random>

#include "source/contract.hpp"
#include "source/input_folder.hpp"

using namespace millrace;
using namespace millrace::test;
using Texts = std::vector<std::string>;

namespace {

// Rows of all lengths, so that block ends fall everywhere, with line ends of both kinds and blank lines
// between.
struct Lines {
  Texts rows;
  std::string text;
};

Lines lines_of_all_lengths(std::size_t bytes) {
  std::mt19937 random(7);
  Lines lines;
  while (lines.text.size() < bytes) {
    lines.rows.push_back("{\"a\":\"" + std::string(random() % (random() % 50 == 0 ? 70000 : 700), 'x') +
                         "\"}");
    lines.text += lines.rows.back() + (random() % 4 == 0 ? "\r\n" : "\n") + (random() % 9 == 0 ? " \n" : "");
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_of_a_file_larger_than_a_block_come_whole_and_in_order) {
  const InputFolder folder;
  const auto lines = lines_of_all_lengths(4 << 20);
  const auto path = folder.write("a.jsonl", lines.text);
  check_contract([&] { return files("jsonl", {path}); }, lines.rows);
  for (const auto& row : read_all(*files("jsonl", {path}))) BOOST_TEST_REQUIRE(row.at.has_value());
}

BOOST_AUTO_TEST_CASE(compressed_files_give_the_same_rows) {
  const InputFolder folder;
  const auto lines = lines_of_all_lengths(2 << 20);
  const auto gzip = folder.write_gzip("a.jsonl.gz", lines.text),
             zstd = folder.write_zstd("a.zst", lines.text);
  check_contract([&] { return files("jsonl", {gzip}); }, lines.rows);
  check_contract([&] { return files("jsonl", {zstd}); }, lines.rows);
  for (const auto& row : read_all(*files("jsonl", {zstd}))) BOOST_TEST_REQUIRE(!row.at);
}

BOOST_AUTO_TEST_CASE(several_files_follow_one_another_and_each_row_knows_its_place) {
  const InputFolder folder;
  const auto one = folder.write("one", "{\"a\":1}\n\n{\"a\":2}"), empty = folder.write("empty", ""),
             two = folder.write("two", "\xEF\xBB\xBF\n{\"a\":3}\n");
  const auto make = [&] { return files("jsonl", {one, empty, two}); };
  check_contract(make, {R"({"a":1})", R"({"a":2})", R"({"a":3})"});
  const auto rows = read_all(*make());
  BOOST_TEST((rows[0].behind == SourcePosition{0, 8, 1, 1}));
  BOOST_TEST(rows[1].line == 3u);
  BOOST_TEST((rows[1].behind == SourcePosition{0, 16, 2, 2}));
  BOOST_TEST(rows[2].part == 2u);
  BOOST_TEST(rows[2].line == 2u);
}

BOOST_AUTO_TEST_CASE(globs_are_taken_in_natural_order_and_lists_in_their_own) {
  const InputFolder folder;
  for (const std::string number : {"10", "9", "1", "100"})
    folder.write("rows" + number + ".jsonl", number + "\n");
  folder.write("other.jsonl", "0\n");
  check_contract([&] { return files("jsonl", {folder.at("rows*.jsonl")}); }, {"1", "9", "10", "100"});
  check_contract(
      [&] {
        return files("jsonl", {folder.at("rows9.jsonl"), folder.at("rows1.jsonl")});
      },
      {"9", "1"});
}

BOOST_AUTO_TEST_CASE(a_name_that_looks_like_a_glob_but_is_there_is_that_file) {
  const InputFolder folder;
  folder.write("a", "0\n");
  const auto path = folder.write("[a]", "1\n");
  check_contract([&] { return files("jsonl", {path}); }, {"1"});
}

BOOST_AUTO_TEST_CASE(paths_that_cannot_be_read_are_all_told_with_their_place) {
  const InputFolder folder;
  folder.write("weather.jsonl", "");
  ::mkfifo(folder.at("pipe").c_str(), 0600);
  const auto message = refusal_of([&] {
    files("jsonl", {folder.at("wether.jsonl"), folder.at("*.csv"), folder.at(""), folder.at("pipe")});
  });
  const auto at = [&](const std::string& name) { return "source.jsonl.path: " + folder.at(name) + ": "; };
  BOOST_TEST(message == at("wether.jsonl") + "no such file; did you mean " + folder.at("weather.jsonl") +
                            "?\n" + at("*.csv") + "matches no file\n" + at("") +
                            "is a folder; name its files, as in " + folder.at("") + "/*.jsonl\n" +
                            at("pipe") + "is not a regular file; - reads standard input");
}

BOOST_AUTO_TEST_CASE(a_file_without_permission_is_refused) {
  const InputFolder folder;
  const auto path = folder.write("a.jsonl", "1\n");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  if (::access(path.c_str(), R_OK) == 0) return;  // root may read everything
  BOOST_TEST(refusal_of([&] { files("jsonl", {path}); }).ends_with("no permission to read it"));
}

BOOST_AUTO_TEST_CASE(a_row_that_is_too_long_is_marked_and_reading_goes_on_behind_its_line) {
  const InputFolder folder;
  const std::string huge(3 << 20, 'y'), large(300, 'z');
  const auto make_from = [&](const std::string& text) {
    const auto path = folder.write("a.jsonl", text);
    return [path] {
      return make_source("jsonl", {{"path", Texts{path}}, {"max_row_bytes", std::int64_t{200}}});
    };
  };
  const auto make = make_from("1\n2\n" + huge + "\n3\n" + large + "\n\n4\n" + huge);
  check_contract(make,
                 {"1", "2", std::string(201, 'y'), "3", std::string(201, 'z'), "4", std::string(201, 'y')});
  const auto rows = read_all(*make());
  BOOST_TEST(rows[2].too_long);
  BOOST_TEST(!rows[3].too_long);
  BOOST_TEST(rows[3].line == 4u);
  BOOST_TEST(rows[5].line == 7u);
  BOOST_TEST(rows[2].behind.byte == 4 + huge.size() + 1);
}

BOOST_AUTO_TEST_CASE(a_compressed_file_that_is_cut_off_is_an_error_with_its_name) {
  const InputFolder folder;
  const auto path = folder.write_zstd("a.zst", lines_of_all_lengths(1 << 20).text);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
  const auto source = files("jsonl", {path});
  BOOST_CHECK_EXCEPTION(read_all(*source), Error, [&](const Error& error) {
    return std::string(error.what()).starts_with(path) && error.code() == ExitCode::failed;
  });
}

BOOST_AUTO_TEST_CASE(a_part_is_known_again_by_size_and_the_hash_of_its_ends) {
  const InputFolder folder;
  std::string text(300000, 'a');
  const auto part = [&] { return files("jsonl", {folder.write("a", text)})->parts().at(0); };
  const auto before = part();
  BOOST_TEST(before.name == folder.at("a"));
  BOOST_TEST(before.bytes == 300000u);
  BOOST_TEST((part() == before));
  text.back() = 'b';
  BOOST_TEST((part() != before));
  text.back() = 'a';
  text[65535] = 'b';
  BOOST_TEST((part() != before));
  BOOST_TEST(files("jsonl", {folder.at("a")})->total_bytes() == 300000u);
}
