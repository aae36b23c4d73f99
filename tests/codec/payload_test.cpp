// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/payload.hpp"

#include <boost/test/unit_test.hpp>

#include "codec/decoder_harness.hpp"
#include "codec/payload_kit.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;

namespace {

using Texts = std::vector<std::string>;

Texts rows_of(const std::string& payload, const PayloadOptions& options, const std::string& topic = "t") {
  const auto reader = make_payload_reader(options);
  const auto& read = reader->read(payload, topic);
  BOOST_TEST(read.refusal == "", payload);
  return {read.rows.begin(), read.rows.end()};
}

// As it stands and gzip'ed.
void check_rows(PayloadForm form, const std::string& payload, const Texts& rows) {
  for (const auto& given : {payload, gzip_of(payload)})
    BOOST_TEST(rows_of(given, {.form = form}) == rows, boost::test_tools::per_element());
}

Texts with_topic(PayloadForm form, const std::string& payload, const std::string& topic) {
  return rows_of(payload, {.form = form, .topic_column = "topic"}, topic);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_row_is_one_row_whatever_stands_in_it) {
  check_rows(PayloadForm::row, "{\"a\":1}", {"{\"a\":1}"});
  check_rows(PayloadForm::row, "\xEF\xBB\xBF \r\n{\n  \"a\": 1,\r\n  \"b\": \"}\"\n}\n\n",
             {"{\n  \"a\": 1,\r\n  \"b\": \"}\"\n}"});
  check_rows(PayloadForm::row, "{}\n{}", {"{}\n{}"});
  check_rows(PayloadForm::row, "rubbish \xFF", {"rubbish \xFF"});
}

BOOST_AUTO_TEST_CASE(an_array_is_a_row_an_element) {
  check_rows(PayloadForm::array, "[{\"a\":1},{\"a\":2}]", {"{\"a\":1}", "{\"a\":2}"});
  check_rows(PayloadForm::array, "\xEF\xBB\xBF\n[ {\"a\" : [1, {\"b\":[]}]}\r\n,\t{ } ] \n",
             {"{\"a\" : [1, {\"b\":[]}]}", "{ }"});
  check_rows(PayloadForm::array, "[]", {});
  check_rows(PayloadForm::array, " [ ] ", {});
}

BOOST_AUTO_TEST_CASE(brackets_commas_and_escaped_quotes_in_texts_are_no_structure) {
  const Texts rows{
      R"({"a":"]},[{"})",
      R"({"a\"}":"\\"})",
      R"({"a":"\\\""})",
      R"({"a":"\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"})",
      R"("a\\\"],")",
      "\"\"",
      "12.5",
      "null",
      "[1,[2]]"};
  std::string payload = "[";
  for (const auto& row : rows) payload += row + ",";
  payload.back() = ']';
  check_rows(PayloadForm::array, payload, rows);
}

BOOST_AUTO_TEST_CASE(an_escape_and_a_text_may_lie_across_any_block) {
  for (std::size_t blanks = 0; blanks < 140; ++blanks) {
    const auto row =
        R"({"a":)" + std::string(blanks, ' ') + R"("\\\"}]","b":")" + std::string(70, '}') + R"("})";
    BOOST_TEST(rows_of("[" + row + "," + row + "]", {.form = PayloadForm::array}) == Texts(2, row),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(lines_and_csv_are_framed_as_files_are) {
  check_rows(PayloadForm::lines, "{\"a\":1}\r\n\n{\"a\":2}", {"{\"a\":1}", "{\"a\":2}"});
  check_rows(PayloadForm::csv, "1,\"a\nb\"\r\n\n \n2,", {"1,\"a\nb\"", " ", "2,"});
}

BOOST_AUTO_TEST_CASE(packed_is_base64_of_zlib_of_an_array) {
  for (const std::string array :
       {"[{\"a\":1}, {\"a\":2}]", "[{\"a\":1}, {\"a\":2} ]", "[{\"a\":1}, {\"a\":2}  ]"})
    check_rows(PayloadForm::packed, std::string("\n") + base64(zlib_of(array)) + "\r\n",
               {"{\"a\":1}", "{\"a\":2}"});
  check_rows(PayloadForm::packed, base64(zlib_of("[]")), {});
}

BOOST_AUTO_TEST_CASE(a_gzip_payload_may_have_several_members) {
  BOOST_TEST(rows_of(gzip_of("1\n2") + gzip_of("") + gzip_of("3\n"), {.form = PayloadForm::lines}) ==
                 (Texts{"1", "23"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_topic_becomes_the_last_key_of_every_object) {
  const std::string topic = "\"topic\":\"a\\\"b\\\\c\\n\xC3\xA4\"}";
  const auto lines = with_topic(
      PayloadForm::lines, "{\"a\":1}\n{}\n{ }\n{\"topic\":2 }\n[1]\n\"{}\"\n1\n{\n}\n", "a\"b\\c\n\xC3\xA4");
  BOOST_TEST(lines == (Texts{"{\"a\":1," + topic, "{" + topic, "{ " + topic, "{\"topic\":2 ," + topic, "[1]",
                             "\"{}\"", "1", "{", "}"}),
             boost::test_tools::per_element());
  BOOST_TEST(with_topic(PayloadForm::row, "\n{\n}\n", "t/1") == (Texts{"{\n\"topic\":\"t/1\"}"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_topic_becomes_the_last_field_of_every_csv_row) {
  for (const auto& [topic, field] : {std::pair<std::string, std::string>{"a/b", "a/b"},
                                     {"a,b", "\"a,b\""},
                                     {"a\"b", "\"a\"\"b\""},
                                     {"a\nb", "\"a\nb\""},
                                     {"", "\"\""},
                                     {"a;b", "a;b"}})
    BOOST_TEST(with_topic(PayloadForm::csv, "1,2\n\"3\n\",4\n", topic) ==
                   (Texts{"1,2," + field, "\"3\n\",4," + field}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_decoder_gets_the_topic_and_the_last_key_counts) {
  const Schema schema{{{.name = "a", .type = Type::float64}, {.name = "topic", .type = Type::text}}};
  const std::string topic = "a,\"b\\\xC3\xA4;";
  const auto json = decoded(schema, with_topic(PayloadForm::array, "[{\"topic\":\"x\",\"a\":1},{}]", topic));
  BOOST_TEST(json.texts("topic") == (Texts{topic, topic}), boost::test_tools::per_element());
  const DecodeOptions csv{.format = RowFormat::csv, .csv_columns = {"a", "topic"}};
  BOOST_TEST(decoded(schema, with_topic(PayloadForm::csv, "1\n2", topic), csv).texts("topic") ==
                 (Texts{topic, topic}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_reader_reads_payload_after_payload_with_changing_topics) {
  const auto reader = make_payload_reader({.form = PayloadForm::packed, .topic_column = "t"});
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(reader->read("rubbish", "x").refusal != "");
    BOOST_TEST(reader->read("rubbish", "x").rows.empty());
    const auto& first = reader->read(write_payload(PayloadForm::packed, {"{\"a\":1}"}), "x");
    BOOST_TEST(first.rows.at(0) == "{\"a\":1,\"t\":\"x\"}");
    const auto& second = reader->read(write_payload(PayloadForm::packed, {"{}", "{}"}), "yy");
    BOOST_TEST(second.refusal == "");
    BOOST_TEST(second.rows.size() == 2u);
    BOOST_TEST(second.rows.at(1) == "{\"t\":\"yy\"}");
  }
}

BOOST_AUTO_TEST_CASE(a_row_that_is_too_long_is_cut_and_refused_by_the_decoder_alone) {
  const std::string good = "{\"a\":1}", lengthy = "{\"a\":1          }";
  for (const auto form : {PayloadForm::row, PayloadForm::array, PayloadForm::lines, PayloadForm::packed}) {
    for (const std::string column : {"", "t"}) {
      auto given = form == PayloadForm::row ? std::vector<std::string_view>{lengthy}
                                            : std::vector<std::string_view>{good, lengthy};
      const auto rows =
          rows_of(write_payload(form, given), {.form = form, .max_row_bytes = 16, .topic_column = column});
      BOOST_TEST(rows.back() == lengthy.substr(0, 17));
      const auto result =
          decoded(Schema{{{.name = "a", .type = Type::float64}}}, rows, {.max_row_bytes = 16});
      BOOST_TEST(result.reasons() == (Texts{"decode: expected at most 16 bytes (max_row_bytes), found more"}),
                 boost::test_tools::per_element());
      BOOST_TEST(result.frame.rows() == rows.size() - 1);
    }
  }
  BOOST_TEST(rows_of("12345678\n1", {.form = PayloadForm::csv, .max_row_bytes = 5}) == (Texts{"123456", "1"}),
             boost::test_tools::per_element());
  BOOST_TEST(rows_of(good, {.form = PayloadForm::row, .max_row_bytes = 9, .topic_column = "topic"}) ==
                 (Texts{"{\"a\":1,\"to"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_decoder_takes_the_row_that_stands_for_a_refused_payload) {
  const std::string refused(refused_payload_row);
  const ColumnInfo text{.name = "a", .type = Type::text}, number{.name = "b", .type = Type::float64};
  const ColumnInfo fixed{.name = "a", .type = Type::text, .encoding = TextEncoding::fixed, .width = 8};
  for (const auto& schema :
       {Schema{}, Schema{{text}}, Schema{{number}}, Schema{{fixed}}, Schema{{text, number}}}) {
    for (const bool missing : {false, true}) {
      const auto json = decoded(schema, {refused, refused}, {.non_finite_is_missing = missing});
      BOOST_TEST(json.outcome.rejects.size() == 2u);
      for (const char delimiter : {',', ';', '\t', '|', ' '})
        for (const auto& columns :
             {Texts{}, Texts{"a"}, Texts{"b"}, Texts{"x"}, Texts{"a", "b"}, Texts{"a", "a"}}) {
          const auto csv = decoded(schema, {refused, refused},
                                   {.format = RowFormat::csv,
                                    .csv_columns = columns,
                                    .csv_delimiter = delimiter,
                                    .non_finite_is_missing = missing});
          BOOST_TEST(csv.reasons() == Texts(2, "decode: not valid CSV: a quote is not closed"),
                     boost::test_tools::per_element());
        }
    }
  }
}

BOOST_AUTO_TEST_CASE(payloads_are_written_as_they_are_read) {
  const std::vector<std::string_view> rows{"{\"a\":1}", "{}"};
  BOOST_TEST(write_payload(PayloadForm::row, {"{\"a\":1}"}) == "{\"a\":1}");
  BOOST_TEST(write_payload(PayloadForm::array, rows) == "[{\"a\":1},{}]");
  BOOST_TEST(write_payload(PayloadForm::lines, rows) == "{\"a\":1}\n{}\n");
  BOOST_TEST(write_payload(PayloadForm::csv, {"1,2", "\"\n\""}) == "1,2\n\"\n\"\n");
  BOOST_TEST(write_payload(PayloadForm::array, {}) == "[]");
  check_rows(PayloadForm::packed, write_payload(PayloadForm::packed, {}), {});
  check_rows(PayloadForm::packed, write_payload(PayloadForm::packed, rows), {"{\"a\":1}", "{}"});
  BOOST_CHECK_THROW(write_payload(PayloadForm::row, {}), Error);
  BOOST_CHECK_THROW(write_payload(PayloadForm::row, rows), Error);
}
