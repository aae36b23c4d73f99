// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/weather_station.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "millrace/base/checksum.hpp"
#include "millrace/base/error.hpp"

using namespace millrace;

namespace {

std::string rows_of(const WeatherSettings& settings) {
  WeatherStation station(settings);
  std::string rows;
  for (std::uint64_t row = 0; row < settings.rows; ++row) station.append_row(row, rows);
  return rows;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string digest(const std::string& text) {
  Sha256 sha;
  sha.add(std::as_bytes(std::span(text)));
  return sha.hex();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

bool is_near(std::size_t found, double expected) {
  return std::abs(static_cast<double>(found) - expected) < 0.1 * expected;
}

constexpr WeatherSettings undisturbed(std::uint64_t rows) {
  return {.rows = rows, .missing = 0, .absent = 0, .duplicates = 0};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_bytes_of_a_seed_never_change) {
  BOOST_TEST(digest(rows_of({.rows = 5000})) ==
             "0965c43a5039c0e3e629b9904fdf1acd4e98a9853f3f68b533053752d3e5c31f");
  BOOST_TEST(digest(rows_of({.rows = 5000, .seed = 2, .columns = 40, .format = RowFormat::csv})) ==
             "d289e4f85b6fcb25fa57084e57fa749c2d90738aba25189986697fa0cd8d58c8");
}

BOOST_AUTO_TEST_CASE(a_row_can_be_made_without_the_rows_before_it) {
  const WeatherSettings settings{.rows = 3000, .duplicates = 0.2};
  const auto lines = lines_of(rows_of(settings));
  WeatherStation station(settings);
  for (std::uint64_t step = 0; step < settings.rows; ++step) {
    const auto row = step * 1237 % settings.rows;
    std::string text;
    station.append_row(row, text);
    BOOST_TEST_REQUIRE(text == lines[row] + "\n");
  }
}

BOOST_AUTO_TEST_CASE(a_station_has_26_numbers_and_7_texts_of_which_one_is_the_time) {
  const auto schema = WeatherStation(WeatherSettings{}).schema();
  const auto of = [&](Type type) {
    return std::count_if(schema.columns.begin(), schema.columns.end(),
                         [&](const auto& info) { return info.type == type; });
  };
  BOOST_TEST(of(Type::float64) == 26);
  BOOST_TEST(of(Type::text) == 6);
  BOOST_TEST(of(Type::time) == 1);
  BOOST_TEST(schema.columns[0].name == "dateTime");
  BOOST_TEST(schema.columns[schema.find("windSpeed").value()].unit == "m s-1");
}

BOOST_AUTO_TEST_CASE(a_json_row_has_every_key_in_order_and_about_650_bytes) {
  const auto rows = rows_of(undisturbed(1000));
  BOOST_TEST(is_near(rows.size(), 650000));
  const auto first = lines_of(rows)[0];
  std::size_t at = 0;
  for (const auto& name : WeatherStation(WeatherSettings{}).schema().names()) {
    const auto found = first.find("\"" + name + "\":", at);
    BOOST_TEST_REQUIRE(found != std::string::npos);
    at = found;
  }
  BOOST_TEST(first.starts_with(R"({"dateTime":"2020-01-01T00:00:00Z",)"));
  BOOST_TEST(first.ends_with("}"));
}

BOOST_AUTO_TEST_CASE(nulls_absent_keys_and_repeated_rows_come_at_the_given_shares) {
  const WeatherSettings settings{.rows = 20000, .missing = 0.02, .absent = 0.03, .duplicates = 0.05};
  const auto rows = rows_of(settings);
  const double values = 20000.0 * 32;
  BOOST_TEST(is_near(count(rows, ":null"), 0.02 * values));
  BOOST_TEST(is_near(static_cast<std::size_t>(20000.0 * 33) - count(rows, "\":"), 0.03 * values));
  BOOST_TEST(count(rows, "\"dateTime\":\"") == 20000u);
  const auto lines = lines_of(rows);
  std::size_t repeated = 0;
  for (std::size_t row = 1; row < lines.size(); ++row) repeated += lines[row] == lines[row - 1];
  BOOST_TEST(is_near(repeated, 0.05 * 20000));
}

BOOST_AUTO_TEST_CASE(csv_has_the_same_values_as_json_and_a_header) {
  auto settings = undisturbed(50);
  const auto json = lines_of(rows_of(settings));
  settings.format = RowFormat::csv;
  const auto csv = lines_of(rows_of(settings));
  const auto names = WeatherStation(settings).schema().names();
  for (std::size_t row = 0; row < csv.size(); ++row) {
    std::string expected;
    std::size_t at = 0;
    for (const auto& name : names) {
      at = json[row].find("\"" + name + "\":", at) + name.size() + 3;
      auto value = json[row].substr(at, json[row].find_first_of(",}", at) - at);
      std::erase(value, '"');
      expected += (expected.empty() ? "" : ",") + value;
    }
    BOOST_TEST_REQUIRE(csv[row] == expected);
  }
  BOOST_TEST(WeatherStation(settings).csv_header().starts_with("dateTime,station,outTemp,"));
}

BOOST_AUTO_TEST_CASE(a_missing_value_is_an_empty_field_in_csv) {
  const auto rows = rows_of({.rows = 10, .missing = 1, .format = RowFormat::csv});
  BOOST_TEST(lines_of(rows)[0] == "2020-01-01T00:00:00Z" + std::string(32, ','));
}

BOOST_AUTO_TEST_CASE(fewer_columns_are_the_first_ones_and_more_are_further_sensors) {
  BOOST_TEST(WeatherStation({.columns = 1}).schema().names() == std::vector<std::string>{"dateTime"});
  const auto many = WeatherStation({.columns = 1000}).schema();
  BOOST_TEST(many.columns.size() == 1000u);
  BOOST_TEST(many.columns[999].name == "sensor1000");
  WeatherSettings settings = undisturbed(1);
  settings.columns = 1000;
  BOOST_TEST(count(rows_of(settings), "\"sensor1000\":") == 1u);
}

BOOST_AUTO_TEST_CASE(times_follow_start_and_interval_also_before_1970) {
  auto settings = undisturbed(3);
  settings.start_s = -86401;
  settings.interval_s = 3600;
  const auto lines = lines_of(rows_of(settings));
  BOOST_TEST(lines[0].starts_with(R"({"dateTime":"1969-12-30T23:59:59Z")"));
  BOOST_TEST(lines[2].starts_with(R"({"dateTime":"1969-12-31T01:59:59Z")"));
}

BOOST_AUTO_TEST_CASE(times_beyond_the_year_9999_are_refused) {
  auto settings = undisturbed(1000);
  settings.interval_s = std::int64_t{1} << 60;
  BOOST_CHECK_THROW(WeatherStation{settings}, Error);
  settings.interval_s = 60;
  settings.start_s = 253402300800;
  BOOST_CHECK_THROW(WeatherStation{settings}, Error);
}

BOOST_AUTO_TEST_CASE(a_stream_that_only_repeats_its_first_row_takes_no_longer) {
  const auto lines = lines_of(rows_of({.rows = 200000, .duplicates = 1, .columns = 1}));
  BOOST_TEST(std::count(lines.begin(), lines.end(), lines[0]) == 200000);
}
