// SPDX-License-Identifier: Apache-2.0
// What the hdf5 sink stores, read back: rows, digest, verification.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

Frame expected_rows(std::uint64_t first, std::uint64_t count, bool some_missing = true) {
  Frame frame(every_type());
  for (std::uint64_t row = 0; row < count; ++row) {
    add_row(frame, first + row, some_missing);
    frame.row_index.push_back(static_cast<std::uint32_t>(row));
  }
  return frame;
}

std::string digest_of(const fs::path& path) {
  return OutputReader::open(path.string())->digest();
}

std::vector<std::string> verified(const fs::path& path) {
  return OutputReader::open(path.string())->verify();
}

bool says(const std::vector<std::string>& lines, const std::string& part) {
  for (const auto& line : lines)
    if (line.find(part) != std::string::npos) return true;
  return false;
}

OutputSettings chunked(const fs::path& path, const std::string& compression, std::int64_t threads = 1) {
  return settings_of(
      "hdf5", path,
      {{"chunk_rows", std::int64_t{64}}, {"compression", compression}, {"compression_threads", threads}});
}

}  // namespace

BOOST_DATA_TEST_CASE(rows_come_back_as_they_went_in,
                     data::make({"none", "deflate-1", "deflate-4", "deflate-9"}) * data::make({1, 3}),
                     compression, threads) {
  const TemporaryFolder folder;
  run_messages(chunked(folder / "out", compression, threads), 100, 33);  // a chunk holds 6.4 messages
  const auto reader = OutputReader::open((folder / "out").string());
  BOOST_TEST(reader->sink() == "hdf5");
  BOOST_TEST(reader->segments() == 4u);
  BOOST_TEST(equal(reader->rows(0, 1'000'000), expected_rows(0, 1000)));
  BOOST_TEST(equal(reader->rows(325, 10), expected_rows(325, 10)));
  BOOST_TEST(reader->rows(1000, 5).rows() == 0u);
  BOOST_TEST(reader->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(labels_are_numbered_by_first_appearance_in_the_stream) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out"), 4, 1, {.rows = 6, .some_missing = false});
  const auto frame = OutputReader::open((folder / "out").string())->rows(0, 100);
  BOOST_TEST(frame.columns[4].labels == std::vector<std::string>({"", "N", "Süd", "W\"est\"", "", "NNE"}),
             boost::test_tools::per_element());
  BOOST_TEST(frame.columns[4].codes[9] == 4);
}

BOOST_AUTO_TEST_CASE(labels_that_no_row_uses_are_not_stored) {
  const TemporaryFolder folder;
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  output->begin(header_of_every_type(), one_part());
  auto message = message_of(0, 0, {.rows = 4, .some_missing = false});
  message.result.frame.columns[4].labels = {"", "unused", "N", "Süd", "too"};
  for (auto& code : message.result.frame.columns[4].codes) ++code;
  output->write(std::move(message));
  output->commit(true);
  const auto frame = OutputReader::open((folder / "out").string())->rows(0, 4);
  BOOST_TEST(frame.columns[4].labels == std::vector<std::string>({"", "N", "Süd"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_digest_knows_rows_and_message_boundaries_but_no_layout) {
  const TemporaryFolder folder;
  run_messages(chunked(folder / "a", "none"), 60, 7);
  run_messages(chunked(folder / "b", "deflate-1"), 60, 60);
  auto small = settings_of("hdf5", folder / "c", {{"segment_rows", std::int64_t{40}}});
  run_messages(small, 60, 1000);
  BOOST_TEST(digest_of(folder / "a") == digest_of(folder / "b"));
  BOOST_TEST(digest_of(folder / "a") == digest_of(folder / "c"));
  run_messages(settings_of("hdf5", folder / "d"), 120, 7, {.rows = 5});  // the same rows, other messages
  BOOST_TEST(digest_of(folder / "a") != digest_of(folder / "d"));
  run_messages(settings_of("hdf5", folder / "e"), 60, 7, {.rows = 10, .some_missing = false});
  BOOST_TEST(digest_of(folder / "a") != digest_of(folder / "e"));
}

BOOST_AUTO_TEST_CASE(the_digest_does_not_see_which_nan_means_missing) {
  const TemporaryFolder folder;
  std::vector<std::string> digests;
  for (const double nan : {std::nan(""), std::nan("7"), -std::nan("")}) {
    const auto path = folder / std::to_string(digests.size());
    const auto output = Output::open(settings_of("hdf5", path));
    output->begin(header_of_every_type(), one_part());
    auto message = message_of(0, 0);
    message.result.frame.columns[1].f64[0] = nan;
    output->write(std::move(message));
    output->commit(true);
    digests.push_back(digest_of(path));
  }
  BOOST_TEST(digests[0] == digests[1]);
  BOOST_TEST(digests[0] == digests[2]);
}

BOOST_AUTO_TEST_CASE(messages_that_leave_no_rows_are_kept_in_the_provenance) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out"), 6, 2, {.rows = 0, .rejects = 3});
  const auto reader = OutputReader::open((folder / "out").string());
  BOOST_TEST(reader->state().totals.messages == 6u);
  BOOST_TEST(reader->rows(0, 10).rows() == 0u);
  BOOST_TEST(reader->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_run_without_rows_is_a_whole_output) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out"), 0);
  const auto reader = OutputReader::open((folder / "out").string());
  BOOST_TEST(reader->state().finished);
  BOOST_TEST(reader->rows(0, 10).rows() == 0u);
  BOOST_TEST(reader->digest().size() == 64u);
  BOOST_TEST(reader->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(source_row_is_each_rows_index_in_the_stream) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out", {{"source_row", true}}), 3, 1, {.rows = 2, .rejects = 1});
  const auto frame = OutputReader::open((folder / "out").string())->rows(0, 6);
  BOOST_TEST(frame.columns.back().info.name == "source_row");
  BOOST_TEST(frame.columns.back().i64 == (RawVector<std::int64_t>{1, 2, 4, 5, 7, 8}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_damage_is_found) {
  const TemporaryFolder folder;
  run_messages(chunked(folder / "out", "none"), 20, 5);
  const auto segment = folder / "out" / "segments" / "segment-00000002.h5";
  const auto whole = text_of(segment);
  for (std::size_t at = 0; at < whole.size(); at += whole.size() / 40) {
    auto text = whole;
    text[at] = static_cast<char>(text[at] ^ 1);
    replace_file(segment, text);
    BOOST_TEST(says(verified(folder / "out"), "segment-00000002.h5: is damaged"));
  }
  replace_file(segment, whole.substr(1));
  BOOST_TEST(says(verified(folder / "out"), "bytes; committed were"));
  fs::remove(segment);
  BOOST_TEST(says(verified(folder / "out"), "segment-00000002.h5: is missing"));
  replace_file(segment, whole);
  BOOST_TEST(verified(folder / "out").empty());
  fs::resize_file(folder / "out.rejects.jsonl", 10);
  BOOST_TEST(says(verified(folder / "out"), "has 10 bytes of the"));
}

BOOST_AUTO_TEST_CASE(a_view_of_an_older_state_is_found) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out"), 6);
  const auto older = text_of(folder / "out" / "results.h5");
  auto parts = one_part();
  parts.push_back({"more.jsonl", 1, "x"});
  {
    const auto output = Output::open(settings_of("hdf5", folder / "out"));
    output->begin(header_of_every_type(), parts);
    output->write(message_of(6, 60));
    output->commit(true);
  }
  BOOST_TEST(verified(folder / "out").empty());
  replace_file(folder / "out" / "results.h5", older);
  BOOST_TEST(says(verified(folder / "out"), "shows 60 rows of 70"));
  fs::remove(folder / "out" / "results.h5");
  BOOST_TEST(says(verified(folder / "out"), "results.h5"));
}

BOOST_AUTO_TEST_CASE(column_names_that_hdf5_cannot_take_or_that_collide_get_others) {
  const TemporaryFolder folder;
  auto header = header_of_every_type();
  header.result_schema = {
      {{.name = "row"}, {.name = "a/b"}, {.name = "a_b"}, {.name = ""}, {.name = "provenance"}}};
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  output->begin(header, one_part());
  SinkMessage message;
  message.result.frame = Frame(header.result_schema);
  message.result.rows_in = 1;
  message.result.frame.row_index = {0};
  for (auto& column : message.result.frame.columns) column.f64 = {2.5};
  output->write(std::move(message));
  output->commit(true);
  BOOST_TEST(verified(folder / "out").empty());
  BOOST_TEST(OutputReader::open((folder / "out").string())->rows(0, 1).columns[1].info.name == "a/b");
}

BOOST_DATA_TEST_CASE(text_outputs_say_that_they_are_text, data::make({"csv", "jsonl"}), sink) {
  const TemporaryFolder folder;
  run_messages(settings_of(sink, folder / "out"), 3);
  const auto reader = OutputReader::open((folder / "out").string());
  BOOST_TEST(reader->sink() == sink);
  BOOST_TEST(reader->bytes() == fs::file_size(folder / "out"));
  BOOST_CHECK_THROW(reader->rows(0, 1), Error);
  BOOST_CHECK_THROW(reader->digest(), Error);
  BOOST_CHECK_THROW(OutputReader::open((folder / "nothing").string()), Error);
}

BOOST_AUTO_TEST_CASE(a_result_that_cannot_be_stored_is_refused_and_leaves_nothing_begun) {
  const TemporaryFolder folder;
  auto header = header_of_every_type();
  header.result_schema.columns[2].name = "source_row";
  const auto settings = settings_of("hdf5", folder / "out", {{"source_row", true}});
  BOOST_CHECK_THROW(Output::open(settings)->begin(header, one_part()), Error);
  header.result_schema.columns.clear();
  BOOST_CHECK_THROW(Output::open(settings)->begin(header, one_part()), Error);
  BOOST_TEST(!Output::open(settings)->found().has_value());
}
