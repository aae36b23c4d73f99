// SPDX-License-Identifier: Apache-2.0
#include "source/contract.hpp"
#include "source/input_folder.hpp"

using namespace millrace;
using namespace millrace::test;
using Texts = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(the_header_names_the_columns_and_is_no_row) {
  const InputFolder folder;
  const auto path = folder.write("a.csv", "\xEF\xBB\xBFx,\"y, or z\"\r\n1,2\r\n3,4\r\n");
  const auto make = [&] { return files("csv", {path}); };
  check_contract(make, {"1,2", "3,4"});
  BOOST_TEST(make()->decode_options().csv_columns == (Texts{"x", "y, or z"}));
  BOOST_TEST(read_all(*make())[0].line == 2u);
}

BOOST_AUTO_TEST_CASE(quoted_line_ends_stay_inside_their_row) {
  const InputFolder folder;
  const auto path = folder.write("a.csv", "x,y\n1,\"a\nb\"\n\n2,\"\"\"\"\n");
  const auto make = [&] { return files("csv", {path}); };
  check_contract(make, {"1,\"a\nb\"", "2,\"\"\"\""});
  const auto rows = read_all(*make());
  BOOST_TEST(rows[0].line == 2u);
  BOOST_TEST(rows[0].behind.line == 3u);
  BOOST_TEST(rows[1].line == 5u);
}

BOOST_AUTO_TEST_CASE(every_file_has_the_same_header) {
  const InputFolder folder;
  const auto one = folder.write("1.csv", "x,y\n1,2\n"), two = folder.write("2.csv", "x,y\n3,4\n"),
             empty = folder.write("3.csv", ""), other = folder.write("4.csv", "y,x\n5,6\n");
  check_contract([&] { return files("csv", {one, two, empty}); }, {"1,2", "3,4"});
  BOOST_TEST(refusal_of([&] {
               files("csv", {one, other});
             }) == "source.csv.path: " + other + ": its header line differs from that of " + one);
}

BOOST_AUTO_TEST_CASE(given_names_count_with_a_header_line_and_without) {
  const InputFolder folder;
  const auto path = folder.write("a.csv", "1;2\n3;4\n");
  const auto make = [&](bool header) {
    return make_source("csv", {{"path", Texts{path}},
                               {"columns", Texts{"p", "q"}},
                               {"header", header},
                               {"delimiter", std::string(";")}});
  };
  check_contract([&] { return make(false); }, {"1;2", "3;4"});
  check_contract([&] { return make(true); }, {"3;4"});
  BOOST_TEST(make(true)->decode_options().csv_columns == (Texts{"p", "q"}));
  BOOST_TEST(make(true)->decode_options().csv_delimiter == ';');
}

BOOST_AUTO_TEST_CASE(names_that_are_missing_doubled_or_misquoted_are_refused) {
  const InputFolder folder;
  const auto path = folder.write("a.csv", "x,x\n1,2\n"), quoted = folder.write("b.csv", "x,\"y\"z\n1,2\n");
  BOOST_TEST(refusal_of([&] {
               make_source("csv", {{"path", Texts{path}}, {"header", false}});
             }) == "source.csv.columns: a file without a header line needs the names of its columns");
  BOOST_TEST(refusal_of([&] { files("csv", {path}); }) ==
             "source.csv.columns: the name \"x\" stands twice; give other names");
  BOOST_TEST(refusal_of([&] { files("csv", {quoted}); }) ==
             "source.csv.path: " + quoted + ": the quotes of its header line are wrong");
}

BOOST_AUTO_TEST_CASE(another_delimiter_in_the_header_line_is_named) {
  const InputFolder folder;
  const auto plain = folder.write("a.csv", "x;y\n1;2\n"), quoted = folder.write("b.csv", "\"x\"\ty\n1\t2\n"),
             one = folder.write("c.csv", "x\n1\n");
  const auto hint = "; it looks divided by \";\"";
  BOOST_TEST(refusal_of([&] { files("csv", {plain}); }) == "source.csv.delimiter: " + plain +
                                                               ": its header line names one column, x;y" +
                                                               hint + "; if it is one, name it in `columns`");
  BOOST_TEST(refusal_of([&] { files("csv", {quoted}); }).ends_with("; it looks divided by tabs"));
  BOOST_TEST(files("csv", {one})->decode_options().csv_columns == Texts{"x"});
  const auto source = make_source("csv", {{"path", Texts{plain}}, {"columns", Texts{"x;y"}}});
  BOOST_TEST(source->decode_options().csv_columns == Texts{"x;y"});
}

BOOST_AUTO_TEST_CASE(options_of_decoding_reach_the_decoder) {
  const InputFolder folder;
  const auto source = make_source("csv", {{"path", Texts{folder.write("a.csv", "x\n")}},
                                          {"non_finite", std::string("missing")},
                                          {"missing_values", Texts{"NA"}},
                                          {"max_row_bytes", std::int64_t{99}}});
  BOOST_TEST(source->decode_options().non_finite_is_missing);
  BOOST_TEST(source->decode_options().max_row_bytes == 99u);
  BOOST_TEST(source->decode_options().csv_missing == Texts{"NA"});
  BOOST_TEST((source->decode_options().format == RowFormat::csv));
}

BOOST_AUTO_TEST_CASE(the_air_quality_series_has_153_rows) {
  const auto source = files("csv", {std::string(MILLRACE_SOURCE_DIR) + "/data/airquality.csv"});
  BOOST_TEST(source->decode_options().csv_columns ==
             (Texts{"Ozone", "Solar.R", "Wind", "Temp", "Month", "Day"}));
  BOOST_TEST(read_all(*source).size() == 153u);
}
