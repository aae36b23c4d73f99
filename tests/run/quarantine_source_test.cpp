// SPDX-License-Identifier: Apache-2.0
// Quarantined rows and payloads, as a feeder reads them.
#include "run/quarantine_source.hpp"

#include <boost/test/unit_test.hpp>

#include "base/temporary_folder.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "run/scripted_live.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

using Texts = std::vector<std::string>;

std::string row_line(int number, const std::string& reason = "decode: x") {
  return "{\"reason\":\"" + reason + "\",\"source\":\"a:b:" + std::to_string(10 * number) +
         "\",\"input_row\":" + std::to_string(100 * number) + ",\"row\":\"r" + std::to_string(number) +
         "\"}\n";
}

std::string payload_line(int number, const std::string& payload) {
  return "{\"reason\":\"payload: x\",\"source\":\"mqtt:" + std::to_string(number) +
         "\",\"input_row\":" + std::to_string(100 * number) + ",\"topic\":\"t" + std::to_string(number) +
         "\",\"payload\":" + json_text(payload) + "}\n";
}

struct Quarantine {
  TemporaryFolder folder;
  std::string text;
  std::optional<PayloadOptions> payload;

  std::unique_ptr<QuarantineSource> open(std::uint64_t begin = 0, std::uint64_t rows_before = 0) const {
    replace_file(folder / "out.rejects.jsonl", text);
    auto source = std::make_unique<QuarantineSource>(
        QuarantineSettings{(folder / "out").string(), DecodeOptions{}, payload});
    source->open({begin, text.size()}, rows_before);
    return source;
  }

  std::vector<CutMessage> messages(std::size_t k, std::uint64_t begin = 0, std::uint64_t before = 0) const {
    const auto source = open(begin, before);
    Buffer buffer({.rows = k}, 0);
    std::vector<CutMessage> cut;
    std::vector<SourceRow> rows;
    const auto take = [&](std::optional<CutMessage> message) {
      if (message) cut.push_back(std::move(*message));
    };
    while (!source->finished()) {
      source->read(4096, rows);
      for (const auto& row : rows) {
        take(buffer.cut_before(row));
        take(buffer.add(row, 0));
      }
    }
    take(buffer.cut());
    return cut;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(rows_keep_their_places_and_indices_and_count_lines) {
  const Quarantine quarantine{{}, row_line(1) + row_line(2) + row_line(3), {}};
  const auto messages = quarantine.messages(2, 0, 5);
  BOOST_TEST(texts_of(messages) == (Texts{"r1|r2|", "r3|"}), boost::test_tools::per_element());
  BOOST_TEST(messages[0].behind.byte == row_line(1).size() + row_line(2).size());
  BOOST_TEST(messages[0].behind.line == 7u);
  BOOST_TEST(messages[1].behind.byte == quarantine.text.size());
  BOOST_TEST(messages[0].input_rows == (std::vector<std::uint64_t>{100, 200}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(messages[0].origins.size() == 2u);
  BOOST_TEST(messages[0].origins[1].line == 20u);
  BOOST_TEST(quarantine.open()->parts().at(0).name == "a:b");
}

BOOST_AUTO_TEST_CASE(reading_from_the_middle_of_the_file_gives_the_rest_in_the_same_messages) {
  Quarantine quarantine;
  for (int row = 0; row < 9; ++row) quarantine.text += row_line(row);
  const auto all = quarantine.messages(2);
  const auto rest = quarantine.messages(2, all[1].behind.byte, all[1].behind.line);
  BOOST_REQUIRE(rest.size() + 2 == all.size());
  BOOST_TEST(texts_of(rest)[0] == texts_of(all)[2]);
  BOOST_TEST((rest.back().behind == all.back().behind));
}

BOOST_AUTO_TEST_CASE(a_refused_payload_is_taken_apart_and_its_rows_stay_together) {
  const Quarantine quarantine{{},
                              row_line(1) + payload_line(2, "[{\"n\":1},{\"n\":2},{\"n\":3}]") + row_line(3),
                              PayloadOptions{.form = PayloadForm::array, .topic_column = "topic"}};
  const auto messages = quarantine.messages(2);
  BOOST_TEST(
      texts_of(messages) ==
          (Texts{"r1|{\"n\":1,\"topic\":\"t2\"}|{\"n\":2,\"topic\":\"t2\"}|{\"n\":3,\"topic\":\"t2\"}|",
                 "r3|"}),
      boost::test_tools::per_element());
  BOOST_TEST(messages[0].behind.line == 2u);
  BOOST_TEST(messages[0].input_rows == (std::vector<std::uint64_t>{100, 200, 200, 200}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_packed_payload_is_a_message_again) {
  const std::string packed = write_payload(PayloadForm::packed, {"{\"n\":1}", "{\"n\":2}"});
  const Quarantine quarantine{
      {}, row_line(1) + payload_line(2, packed) + row_line(3), PayloadOptions{.form = PayloadForm::packed}};
  BOOST_TEST(texts_of(quarantine.messages(100)) == (Texts{"r1|", "{\"n\":1}|{\"n\":2}|", "r3|"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_payload_that_is_refused_again_stays_a_payload_of_its_topic) {
  const Quarantine quarantine{
      {}, payload_line(1, "[{]") + payload_line(2, "[]"), PayloadOptions{.form = PayloadForm::array}};
  const auto messages = quarantine.messages(100);
  BOOST_REQUIRE(messages.size() == 1u);
  const auto& refused = messages[0].refused;
  BOOST_REQUIRE(refused.size() == 2u);
  BOOST_TEST(refused[0].bytes == "[{]");
  BOOST_TEST(refused[0].is_payload);
  BOOST_TEST(refused[0].topic == "t1");
  BOOST_TEST(refused[0].reason.starts_with("payload: "));
  BOOST_TEST(refused[1].reason == "payload: it holds no row");
}

BOOST_AUTO_TEST_CASE(the_first_bytes_of_a_row_are_never_taken_for_the_row) {
  const std::string reason = "decode: expected at most 5 bytes (max_row_bytes), found more";
  const Quarantine quarantine{{}, row_line(1, reason) + row_line(2), {}};
  const auto messages = quarantine.messages(100);
  BOOST_REQUIRE(messages.size() == 1u);
  BOOST_REQUIRE(messages[0].refused.size() == 1u);
  BOOST_TEST(messages[0].refused[0].reason == reason);
  BOOST_TEST(messages[0].refused[0].bytes == "r1");
  BOOST_TEST(!messages[0].refused[0].is_payload);
}

BOOST_AUTO_TEST_CASE(a_payload_needs_the_source_of_a_payload) {
  const Quarantine quarantine{{}, payload_line(1, "[]"), {}};
  BOOST_CHECK_EXCEPTION(quarantine.open(), Error,
                        [](const Error& error) { return error.code() == ExitCode::project_refused; });
}

BOOST_AUTO_TEST_CASE(many_large_rows_are_read_a_megabyte_at_a_time) {
  Quarantine quarantine;
  for (int row = 0; row < 40; ++row)
    quarantine.text +=
        R"({"reason":"r","source":"s:1","input_row":0,"row":")" + std::string(100'000, 'x') + "\"}\n";
  const auto source = quarantine.open();
  std::vector<SourceRow> rows;
  std::size_t all = 0;
  for (source->read(4096, rows); !rows.empty(); source->read(4096, rows)) {
    BOOST_TEST(rows.size() <= 11u);
    all += rows.size();
  }
  BOOST_TEST(all == 40u);
}
