// SPDX-License-Identifier: Apache-2.0
// The fast and the general path, any number of threads, and any cut into messages must say the same.
#include <random>

#include "decoder_harness.hpp"

using namespace millrace;

namespace {

using Texts = std::vector<std::string>;

std::mt19937 randomness(5);

const std::string& any_of(const std::vector<std::string>& choices) {
  return choices[randomness() % choices.size()];
}

std::string random_value() {
  static const std::vector<std::string> values{"1",
                                               "-2.5",
                                               "0",
                                               "-0",
                                               "1e5",
                                               "1E-7",
                                               "12345678.5",
                                               "123456789012",
                                               "1.7976931348623157e308",
                                               "1e400",
                                               "01",
                                               "5.",
                                               "0.1",
                                               "null",
                                               "true",
                                               "false",
                                               "\"N\"",
                                               "\"NE\"",
                                               "\"a longer text than sixteen\"",
                                               "\"\"",
                                               "\"S\xC3\xBC"
                                               "d\"",
                                               "\"\xFF\"",
                                               "\"a\\nb\"",
                                               "\"2024-05-01T12:00:00Z\"",
                                               "\"2024-05-01\"",
                                               "[1,\"x\",{}]",
                                               "{\"n\":1}",
                                               "{}",
                                               "NaN",
                                               "nul",
                                               "-",
                                               "9007199254740993",
                                               "1.0",
                                               "100.25",
                                               "\"\\ud800\"",
                                               "\"\\u00e9\"",
                                               "1577836800"};
  return any_of(values);
}

// Rows that are mostly alike, with any accident at any place.
std::string random_row(const std::vector<std::string>& keys) {
  static const std::vector<std::string> usual{"1.5",    "22",   "-3.25",      "\"N\"",
                                              "\"SW\"", "true", "1577836800", "null"};
  const std::string blank = randomness() % 8 == 0 ? " " : "";
  std::string row = randomness() % 50 == 0 ? " {" : "{";
  for (const auto& key : keys) {
    if (randomness() % 30 == 0) continue;
    const auto& name = randomness() % 60 == 0 ? any_of(keys) : key;
    const auto column = static_cast<std::size_t>(&key - keys.data());
    if (row.back() != '{') row += "," + blank;
    row += "\"" + name + "\":" + blank +
           (randomness() % 12 == 0 ? random_value() : usual[column % usual.size()]);
  }
  row += randomness() % 60 == 0 ? "" : "}";
  if (randomness() % 40 == 0) row += ' ';
  if (randomness() % 40 == 0 && !row.empty())
    row[randomness() % row.size()] = static_cast<char>(randomness());
  if (randomness() % 60 == 0) row.resize(randomness() % (row.size() + 1));
  return row;
}

const Schema all_types{{{"a", Type::float64},
                        {"b", Type::float64},
                        {"c", Type::float64},
                        {"d", Type::text},
                        {"e", Type::text},
                        {"f", Type::boolean},
                        {"g", Type::time, "s"},
                        {"h", Type::int64},
                        {"i", Type::text, "", Role::value, TextEncoding::fixed, 8},
                        {"j.n", Type::float64},
                        {"a column with quite a long name indeed", Type::float64}}};

const std::vector<std::string> keys{"a", "b", "c", "d", "e",       "f",
                                    "g", "h", "i", "j", "unknown", "a column with quite a long name indeed"};

}  // namespace

BOOST_AUTO_TEST_CASE(both_paths_agree_on_random_rows) {
  for (int round = 0; round < 400; ++round) {
    std::vector<std::string> rows;
    for (int row = 0; row < 50; ++row) rows.push_back(random_row(keys));
    DecodeOptions options;
    options.non_finite_is_missing = round % 2 == 0;
    decoded(all_types, rows, options);
  }
}

BOOST_AUTO_TEST_CASE(a_learned_template_never_changes_what_rows_mean) {
  const auto decoder = make_row_decoder(all_types, {});
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> rows;
    for (int row = 0; row < 30; ++row) rows.push_back(random_row(keys));
    const auto general = decode_with(*make_row_decoder(all_types, {}, JsonPaths::general_only), rows);
    BOOST_TEST_REQUIRE(same(decode_with(*decoder, rows), general));
  }
}

BOOST_AUTO_TEST_CASE(weather_rows_give_one_frame_for_any_path_and_number_of_threads) {
  for (const char* colon : {":", ": "}) {
    SampleOptions options;
    options.colon = colon;
    const auto result = decoded(sample_schema(), sample_rows(3'000, 4, options));
    BOOST_TEST(result.frame.rows() == 3'000u);
    BOOST_TEST(result.column("outTemp").f64.size() == 3'000u);
  }
}

BOOST_AUTO_TEST_CASE(refused_rows_leave_no_trace_and_labels_are_in_order_of_first_appearance) {
  std::vector<std::string> rows;
  for (int row = 0; row < 2'000; ++row)
    rows.push_back("{\"d\":\"label" + std::to_string(row / 3) +
                   "\",\"a\":" + (row % 3 == 1 ? "\"bad\"" : "1") + "}");
  rows[2'000 - 1] = "{\"d\":\"never\",\"a\":{}}";
  const auto result = decoded(Schema{{{"a", Type::float64}, {"d", Type::text}}}, rows);
  BOOST_TEST(result.frame.rows() == 1'333u);
  BOOST_TEST(result.column("d").labels.at(1) == "label0");
  BOOST_TEST(result.column("d").labels.at(666) == "label665");
  for (const auto& label : result.column("d").labels) BOOST_TEST(label != "never");
  BOOST_TEST(result.frame.row_index.at(1) == 2u);
}

BOOST_AUTO_TEST_CASE(what_stands_behind_a_row_in_the_message_is_never_read_as_part_of_it) {
  const Schema schema{{{"x", Type::float64}, {"y", Type::text}}};
  const std::vector<std::string> rows{
      R"({"x":1,"y":"a"})", R"({"x":1)", R"(5,"y":"b"})", R"({"x":1,"y":"a)",    R"(b"})",
      R"({"x":1,"y")",      R"(:"b"})",  R"({"x":{})",    R"(}{"x":1,"y":"c"})", R"({"x":2,"y":"d"})"};
  const auto result = decoded(schema, rows);
  BOOST_TEST(result.frame.row_index == (RawVector<std::uint32_t>{0, 9}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_row_needs_its_opening_bracket_just_once_and_first) {
  const Schema schema{{{"a", Type::float64}, {"b", Type::float64}, {"c", Type::float64}}};
  const std::vector<std::string> rows{
      R"({"a":1,"c":2})", R"({"b":1,"c":2})", R"({"b":1{"a":2})", R"(,"c":1})",
      R"(,"c":1{"a":1})", R"({"b":1,"a":2})", R"({"c":1})",       "}"};
  const auto result = decoded(schema, rows);
  BOOST_TEST(result.frame.row_index == (RawVector<std::uint32_t>{0, 1, 5, 6}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_frame_is_used_again_whatever_it_held) {
  const auto decoder = make_row_decoder(sample_schema(), {});
  Frame frame;
  for (const std::size_t size : {500u, 3u, 0u, 1u, 700u}) {
    const auto rows = sample_rows(size, 9);
    const auto block = message_of(rows);
    decoder->decode(MessageView(block), 2, frame);
    BOOST_TEST(equal(frame, decode_with(*make_row_decoder(sample_schema(), {}), rows).frame));
    if (size == 3) frame = Frame(all_types);
  }
}

BOOST_AUTO_TEST_CASE(rows_without_columns_are_rows_all_the_same) {
  const auto result = decoded(Schema{}, {"{}", "{\"x\":1}", "{\"x\":1}", "x"});
  BOOST_TEST(result.frame.rows() == 3u);
  BOOST_TEST(result.outcome.unknown_keys == 2u);
}
