// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/row_framer.hpp"

#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

using namespace millrace;

namespace {

struct Framed {
  std::vector<std::string> rows;
  std::vector<std::uint64_t> line_of;  // of the row's end
  std::vector<bool> too_long;
  std::uint64_t lines = 0;
  bool operator==(const Framed&) const = default;
};

// Feeds `text` in pieces of the given size, as a source does.
Framed framed(RowFormat format, const std::string& text, std::size_t piece,
              std::size_t max_row_bytes = 1000) {
  const auto framer = make_row_framer(format, max_row_bytes, true);
  Framed result;
  std::string pending;
  for (std::size_t fed = 0;;) {
    const auto size = std::min(piece, text.size() - fed);
    pending.append(text, fed, size);
    fed += size;
    for (;;) {
      std::vector<FramedRow> rows;
      const auto done = framer->frame(pending, fed == text.size(), 3, rows);
      for (const auto& row : rows) {
        result.rows.push_back(pending.substr(row.begin, row.end - row.begin));
        result.lines += row.lines;
        result.line_of.push_back(row.too_long ? 0 : result.lines);
        result.too_long.push_back(row.too_long);
      }
      pending.erase(0, done);
      if (rows.size() < 3) break;
    }
    if (fed == text.size()) break;
  }
  result.lines += framer->trailing_lines();
  BOOST_TEST(pending == "");
  return result;
}

using Texts = std::vector<std::string>;

void check_rows(RowFormat format, const std::string& text, const Texts& rows) {
  for (std::size_t piece = 1; piece <= text.size() + 1; ++piece)
    BOOST_TEST(framed(format, text, piece).rows == rows, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_CASE(json_lines_end_with_lf_or_crlf_and_blank_lines_are_skipped) {
  check_rows(RowFormat::jsonl, "{\"a\":1}\n\n \t\r\n{\"a\":2}\r\n{}\n", {"{\"a\":1}", "{\"a\":2}", "{}"});
}

BOOST_AUTO_TEST_CASE(the_last_row_may_lack_its_line_end) {
  check_rows(RowFormat::jsonl, "1\n2", {"1", "2"});
  check_rows(RowFormat::csv, "1\n2", {"1", "2"});
  check_rows(RowFormat::jsonl, "1\n  ", {"1"});
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_skipped_only_before_the_first_row) {
  check_rows(RowFormat::jsonl, "\xEF\xBB\xBF{}\n\xEF\xBB\xBF{}\n", {"{}", "\xEF\xBB\xBF{}"});
  check_rows(RowFormat::jsonl, "\xEF\xBB", {"\xEF\xBB"});
  const auto framer = make_row_framer(RowFormat::jsonl, 100, false);
  std::vector<FramedRow> rows;
  framer->frame("\xEF\xBB\xBF{}\n", true, 10, rows);
  BOOST_TEST(rows.at(0).begin == 0u);
}

BOOST_AUTO_TEST_CASE(a_csv_line_end_inside_quotes_does_not_end_the_row) {
  check_rows(RowFormat::csv, "a,\"b\nc\"\r\n\"d\"\"\n\",e\n\r\nf", {"a,\"b\nc\"", "\"d\"\"\n\",e", "f"});
}

BOOST_AUTO_TEST_CASE(a_csv_line_of_blanks_is_a_row) {
  check_rows(RowFormat::csv, " \n\n\t\n", {" ", "\t"});
}

BOOST_AUTO_TEST_CASE(lines_are_counted_with_blank_ones_and_those_inside_quotes) {
  const auto jsonl = framed(RowFormat::jsonl, "\n1\n\n\n2\n3\n\n", 2);
  BOOST_TEST(jsonl.line_of == (std::vector<std::uint64_t>{2, 5, 6}), boost::test_tools::per_element());
  BOOST_TEST(jsonl.lines == 7u);
  const auto csv = framed(RowFormat::csv, "\"\n\n\"\n2\n", 2);
  BOOST_TEST(csv.line_of == (std::vector<std::uint64_t>{3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_row_that_is_too_long_is_cut_and_framing_goes_on_behind_its_line) {
  for (const auto format : {RowFormat::jsonl, RowFormat::csv}) {
    const std::string text =
        "1\n" + std::string(30, 'x') + "\n2\n" + std::string(10, 'y') + "\n" + std::string(11, 'z');
    for (std::size_t piece = 1; piece < text.size(); ++piece) {
      const auto result = framed(format, text, piece, 10);
      BOOST_TEST(
          result.rows == (Texts{"1", std::string(11, 'x'), "2", std::string(10, 'y'), std::string(11, 'z')}),
          boost::test_tools::per_element());
      BOOST_TEST(result.too_long == (std::vector<bool>{false, true, false, false, true}),
                 boost::test_tools::per_element());
      BOOST_TEST(result.line_of.at(2) == 3u);
      BOOST_TEST(result.lines == 4u);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_unclosed_quote_costs_max_row_bytes_and_the_rest_of_a_line) {
  const std::string text = "a,\"b\n1234\n1234\n5\n6\n";
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    const auto result = framed(RowFormat::csv, text, piece, 11);
    BOOST_TEST(result.rows == (Texts{"a,\"b\n1234\n12", "5", "6"}), boost::test_tools::per_element());
    BOOST_TEST(result.lines == 5u);
  }
}

BOOST_AUTO_TEST_CASE(at_most_the_rows_asked_for_are_handed_out) {
  const auto framer = make_row_framer(RowFormat::jsonl, 100, true);
  std::vector<FramedRow> rows;
  BOOST_TEST(framer->frame("1\n2\n3\n", false, 2, rows) == 4u);
  BOOST_TEST(rows.size() == 2u);
  BOOST_TEST(rows[1].next == 4u);
}

BOOST_AUTO_TEST_CASE(the_rows_do_not_depend_on_how_the_bytes_are_cut) {
  std::mt19937 random(7);
  const std::string letters = "ab\"\n\r, ";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (int letter = 0; letter < 60; ++letter) text += letters[random() % letters.size()];
    for (const auto format : {RowFormat::jsonl, RowFormat::csv}) {
      const auto whole = framed(format, text, text.size(), 12);
      for (const std::size_t piece : {1u, 2u, 5u, 13u})
        BOOST_TEST((framed(format, text, piece, 12) == whole));
    }
  }
}
