// SPDX-License-Identifier: Apache-2.0
// What stands in the quarantine file, and how it is read again.
#include "millrace/sink/quarantine.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::vector<QuarantinedRow> rows_in(const fs::path& output, QuarantineRange range) {
  std::vector<QuarantinedRow> rows;
  QuarantinedRow row;
  for (const auto reader = read_quarantine(output.string(), range); reader->next(row);) rows.push_back(row);
  return rows;
}

// A message of rejects alone, every third of them a payload.
SinkMessage rejects_of(const std::vector<std::string>& rows) {
  auto message = message_of(0, 0, {.rows = 0, .rejects = rows.size()});
  for (std::uint32_t row = 0; row < rows.size(); ++row) {
    message.result.rejects[row] = {row, "decode: a\tb, found \"\\\"", rows[row]};
    message.reject_origins[row] = {"dätä/a:b.jsonl:" + std::to_string(row), row % 3 == 2, ""};
    if (row % 6 == 2) message.reject_origins[row].topic = "wetter/süd \"\\";
  }
  return message;
}

void write_rejects(const fs::path& output, const SinkMessage& message) {
  const auto out = Output::open(settings_of("jsonl", output));
  out->begin(header_of_every_type(), one_part());
  out->write(SinkMessage(message));
  out->commit(true);
}

std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts{
      "",         "{\"a\":1}", "\"",           "\\u0041\\",        std::string("\0z", 2),
      "a\nb\r\n", "\xff\xfe",  "\xed\xa0\x80", "\xf0\x9f\x8c\xa6", "}\n{\"reason\":1}"};
  std::mt19937 random(7);
  for (int text = 0; text < 300; ++text) {
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(text % 2 ? random() % 128 : random());
    texts.push_back(bytes);
  }
  texts.emplace_back(3 << 20, 'x');  // longer than is read at a time
  texts.emplace_back(1 << 20, '\xfe');
  texts.emplace_back("last");
  return texts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_byte_of_rows_and_payloads_comes_back_with_reason_place_topic_and_index) {
  const TemporaryFolder folder;
  const auto texts = hostile_texts();
  const auto message = rejects_of(texts);
  write_rejects(folder / "out", message);
  const auto state = OutputReader::open((folder / "out").string())->state();
  BOOST_TEST(state.reject_bytes == fs::file_size(folder / "out.rejects.jsonl"));
  const auto rows = rows_in(folder / "out", {0, state.reject_bytes});
  BOOST_REQUIRE(rows.size() == texts.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto& origin = message.reject_origins[row];
    BOOST_TEST((rows[row].bytes == texts[row]), "row " << row);
    BOOST_TEST(rows[row].reason == message.result.rejects[row].reason);
    BOOST_TEST(rows[row].source == origin.place);
    BOOST_TEST(rows[row].is_payload == origin.is_payload);
    BOOST_TEST(rows[row].topic == origin.topic);
    BOOST_TEST(rows[row].input_row == row);
  }
  BOOST_TEST(rows.back().end == state.reject_bytes);
}

BOOST_AUTO_TEST_CASE(reading_goes_on_behind_any_row) {
  const TemporaryFolder folder;
  write_rejects(folder / "out", rejects_of({"a", "b", "c"}));
  const auto end = fs::file_size(folder / "out.rejects.jsonl");
  const auto all = rows_in(folder / "out", {0, end});
  for (std::size_t row = 0; row < all.size(); ++row) {
    const auto rest = rows_in(folder / "out", {all[row].end, end});
    BOOST_REQUIRE(rest.size() == all.size() - row - 1);
    if (!rest.empty()) BOOST_TEST(rest[0].bytes == all[row + 1].bytes);
    BOOST_TEST(rows_in(folder / "out", {0, all[row].end}).size() == row + 1);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_line_of_a_refused_row_is_named_with_its_place) {
  const TemporaryFolder folder;
  const std::string good = R"({"reason":"r","source":"s:1","input_row":0,"row":"x"})"
                           "\n";
  for (const std::string bad : {"rubbish\n", "{}\n",
                                R"({"reason":"r","source":"s:1","row":"x"})"
                                "\n",
                                R"({"reason":"r","source":"s:1","input_row":1.5,"row":"x"})"
                                "\n",
                                R"({"reason":"r","source":"s:1","input_row":1,"row_base64":"?"})"
                                "\n",
                                R"({"reason":"r","source":"s:1","input_row":1,"topic":"t","row":"x"})"
                                "\n",
                                "no end"}) {
    replace_file(folder / "out.rejects.jsonl", good + bad);
    const auto is_named = [&](const Error& error) {
      return error.code() == ExitCode::failed &&
             std::string(error.what()).find("damaged at byte " + std::to_string(good.size())) !=
                 std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(rows_in(folder / "out", {0, good.size() + bad.size()}), Error, is_named);
  }
  BOOST_CHECK_THROW(rows_in(folder / "out", {0, 1000}), Error);
  BOOST_CHECK_THROW(rows_in(folder / "gone", {0, 1}), Error);
  BOOST_TEST(rows_in(folder / "gone", {7, 7}).empty());
}

BOOST_AUTO_TEST_CASE(reasons_are_counted_without_the_rows_own_values) {
  const TemporaryFolder folder;
  write_rejects(folder / "out", rejects_of({"a", "b", "c"}));
  const auto reasons =
      reasons_in_quarantine((folder / "out").string(), {0, fs::file_size(folder / "out.rejects.jsonl")});
  BOOST_REQUIRE(reasons.size() == 1u);
  BOOST_TEST(reasons.at("decode: a\tb") == 3u);
}
