// SPDX-License-Identifier: Apache-2.0
#include "instant.hpp"

#include <boost/test/unit_test.hpp>
#include <ctime>
#include <limits>
#include <random>

using namespace millrace;

namespace {

std::int64_t parsed(const char* text, std::int64_t ticks = 1) {
  std::int64_t value = 0;
  const auto error = parse_instant(text, ticks, value);
  BOOST_TEST_REQUIRE((error == InstantError::none), text);
  return value;
}

InstantError error_of(const char* text, std::int64_t ticks = 1) {
  std::int64_t value = 0;
  return parse_instant(text, ticks, value);
}

std::string printed(std::int64_t value, std::int64_t ticks) {
  std::string out;
  return append_instant(value, ticks, out) ? out : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_forms_of_iso_8601_that_sensors_send_are_read) {
  BOOST_TEST(parsed("2024-05-01") == 1714521600);
  BOOST_TEST(parsed("2024-05-01T12:30") == 1714566600);
  BOOST_TEST(parsed("2024-05-01 12:30:15Z") == 1714566615);
  BOOST_TEST(parsed("2024-05-01T12:30:15+02:00") == 1714559415);
  BOOST_TEST(parsed("2024-05-01T12:30:15-0130") == 1714572015);
  BOOST_TEST(parsed("2024-05-01T12:30:15.250Z", 1000) == 1714566615250);
  BOOST_TEST(parsed("2024-05-01T12:30:15.000000000000Z") == 1714566615);
  BOOST_TEST(parsed("1969-12-31T23:59:59.5Z", 1000) == -500);
  BOOST_TEST(parsed("2000-02-29") == 951782400);
}

BOOST_AUTO_TEST_CASE(what_is_no_instant_is_refused) {
  for (const char* text :
       {"", "2024", "2024-13-01", "2024-00-01", "2023-02-29", "1900-02-29", "2024-05-01T", "24-05-01",
        "2024-05-01T24:00", "2024-05-01T12:60", "2024-05-01T12:00:60", "2024-05-01T12:00:00.",
        "2024-05-01T12:00:00X", "2024-05-01T12:00:00Z ", "2024-05-01T12:00+", "2024-05-01T1:00",
        "2024-05-01x12:00", "2024-05-01T12:00:00+25:00", "-024-05-01"})
    BOOST_TEST((error_of(text) == InstantError::not_an_instant), text);
}

BOOST_AUTO_TEST_CASE(a_fraction_finer_than_the_unit_is_refused) {
  BOOST_TEST((error_of("2024-05-01T12:00:00.5Z", 1) == InstantError::too_fine));
  BOOST_TEST((error_of("2024-05-01T12:00:00.0005Z", 1000) == InstantError::too_fine));
  BOOST_TEST((error_of("2024-05-01T12:00:00.0000000001Z", 1'000'000'000) == InstantError::too_fine));
  BOOST_TEST((error_of("9999-05-01", 1'000'000'000) == InstantError::out_of_range));
}

BOOST_AUTO_TEST_CASE(what_is_printed_reads_back_and_agrees_with_gmtime) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    const auto seconds = static_cast<std::int64_t>(random() % 315569520000ull) - 62167219200;
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    BOOST_TEST_REQUIRE(printed(seconds, 1) == text);
    BOOST_TEST_REQUIRE(parsed(text) == seconds);
  }
  BOOST_TEST(printed(-1, 1000) == "1969-12-31T23:59:59.999Z");
  BOOST_TEST(printed(1, 1'000'000) == "1970-01-01T00:00:00.000001Z");
  BOOST_TEST(printed(-1, 1'000'000'000) == "1969-12-31T23:59:59.999999999Z");
  BOOST_TEST(printed(253402300800, 1) == "");
  BOOST_TEST(printed(std::numeric_limits<std::int64_t>::min(), 1) == "");
}

BOOST_AUTO_TEST_CASE(fraction_digits_are_those_that_count) {
  BOOST_TEST(fraction_digits("2024-05-01T12:00:00") == 0);
  BOOST_TEST(fraction_digits("2024-05-01T12:00:00.500") == 1);
  BOOST_TEST(fraction_digits("2024-05-01T12:00:00.123456") == 6);
  BOOST_TEST(fraction_digits("2024-05-01T12:00:00.0000000001") == 9);
  BOOST_TEST(fraction_digits("noon") == -1);
}
