// SPDX-License-Identifier: Apache-2.0
#include "number.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>

#include "fast_number.hpp"
#include "json_values.hpp"

using namespace millrace;

namespace {

std::mt19937_64 random_bits(11);

// The text with readable bytes behind it that would go on as a number.
struct Padded {
  explicit Padded(const std::string& text) : bytes(text + "," + std::string(64, '7')), size(text.size()) {}
  const char* begin() const { return bytes.data(); }
  const char* end() const { return bytes.data() + size; }
  std::string bytes;
  std::size_t size;
};

void check_double(const std::string& text) {
  const double expected = std::strtod(text.c_str(), nullptr);
  double value = 0;
  const auto error = parse_double(text, value);
  BOOST_TEST_REQUIRE((error == NumberError::out_of_range) == std::isinf(expected), text);
  if (error == NumberError::none)
    BOOST_TEST_REQUIRE(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(expected), text);
  const Padded padded(text);
  double fast = 0;
  const auto* behind = read_double(padded.begin(), padded.end(), fast);
  BOOST_TEST_REQUIRE((behind == padded.end()) == (error == NumberError::none && is_json_number(text)), text);
  if (behind != nullptr)
    BOOST_TEST_REQUIRE(std::bit_cast<std::uint64_t>(fast) == std::bit_cast<std::uint64_t>(expected), text);
}

std::string random_digits(std::size_t most) {
  std::string digits;
  for (auto count = 1 + random_bits() % most; count > 0; --count)
    digits += static_cast<char>('0' + random_bits() % 10);
  return digits;
}

std::string random_number() {
  std::string text = random_bits() % 3 == 0 ? "-" : "";
  const auto whole = random_digits(random_bits() % 4 == 0 ? 25 : 5);
  const auto first = whole.find_first_not_of('0');
  text += first == std::string::npos ? "0" : whole.substr(first);
  if (random_bits() % 3 != 0) text.append(".").append(random_digits(random_bits() % 4 == 0 ? 25 : 5));
  if (random_bits() % 5 == 0) text.append(random_bits() % 2 == 0 ? "e" : "E-").append(random_digits(3));
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_numbers_have_the_bits_that_strtod_gives_them) {
  for (int round = 0; round < 300'000; ++round) check_double(random_number());
}

BOOST_AUTO_TEST_CASE(random_doubles_in_17_digits_read_back_to_their_bits) {
  for (int round = 0; round < 100'000; ++round) {
    const auto value = std::bit_cast<double>(random_bits());
    if (!std::isfinite(value)) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", value);
    std::string json(text);
    check_double(json);
  }
}

BOOST_AUTO_TEST_CASE(all_short_decimals_have_the_bits_that_strtod_gives_them) {
  for (int places = 0; places <= 6; ++places)
    for (std::uint32_t digits = 0; digits < 1'000'000; digits += 7) {
      char text[32];
      std::snprintf(text, sizeof text, "%.*f", places, digits / std::pow(10, places));
      check_double(text);
    }
}

BOOST_AUTO_TEST_CASE(numbers_at_the_edges_of_double_are_rounded_correctly_or_out_of_range) {
  for (const char* text : {"1.7976931348623157e308",
                           "1.7976931348623158e308",
                           "1.7976931348623159e308",
                           "1e309",
                           "-1e400",
                           "4.9e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324",
                           "1e-400",
                           "-1e-400",
                           "2.2250738585072011e-308",
                           "0e999999",
                           "-0",
                           "-0.0",
                           "9007199254740993",
                           "9007199254740992.5",
                           "0.1",
                           "100000000000000000000000",
                           "1e22",
                           "1e23",
                           "8.5e-1",
                           "0.000001",
                           "12345678",
                           "123456789",
                           "1234567890123456",
                           "12345678901234567",
                           "1.2345678901234567"})
    check_double(text);
}

BOOST_AUTO_TEST_CASE(only_the_form_of_json_is_a_json_number) {
  for (const char* text : {"0", "-0", "10", "1.5", "0.5", "1e5", "1E+5", "1.5e-5", "-12.25"})
    BOOST_TEST(is_json_number(text), text);
  for (const char* text : {"",      "-",         "+1",       "01",         "-01", ".5",  "5.",  "1e",
                           "1e+",   "1.2.3",     "0x10",     "1 ",         "--1", "1-2", "NaN", "Infinity",
                           "1e5.5", "12345678.", "00000001", "0000000012", "-.5", "1.-5"}) {
    BOOST_TEST(!is_json_number(text), text);
    const Padded padded(text);
    double value = 0;
    BOOST_TEST((read_double(padded.begin(), padded.end(), value) != padded.end() || padded.size == 0), text);
  }
}

BOOST_AUTO_TEST_CASE(any_byte_in_any_place_of_a_short_number_is_judged_as_the_exact_way_does) {
  for (const std::string number : {"1", "12", "1.5", "12.25", "1234.5678", "12345678", "-0.125", "1234567.8"})
    for (std::size_t place = 0; place < number.size(); ++place)
      for (int byte = 0; byte < 256; ++byte) {
        auto text = number;
        text[place] = static_cast<char>(byte);
        const Padded padded(text);
        double fast = 0, exact = 0;
        if (!fast_double(padded.begin(), padded.size, fast)) continue;
        BOOST_TEST_REQUIRE(is_json_number(text), text);
        parse_double(text, exact);
        BOOST_TEST_REQUIRE(std::bit_cast<std::uint64_t>(fast) == std::bit_cast<std::uint64_t>(exact), text);
      }
}

BOOST_AUTO_TEST_CASE(csv_numbers_may_have_a_plus_leading_zeros_and_a_bare_point) {
  for (const char* text : {"+1", "007", ".5", "5.", "-.5e3", "1"}) BOOST_TEST(is_csv_number(text), text);
  for (const char* text : {"", ".", "+", "-", "e5", "1,5", "1 5", "inf", "0x10"})
    BOOST_TEST(!is_csv_number(text), text);
  double value = 0;
  parse_double("+007.50", value);
  BOOST_TEST(value == 7.5);
}

BOOST_AUTO_TEST_CASE(whole_numbers_are_exact_and_fractions_and_overflows_are_told) {
  std::int64_t value = 0;
  const auto parsed = [&](const char* text) {
    BOOST_TEST_REQUIRE((parse_whole(text, value) == NumberError::none), text);
    return value;
  };
  BOOST_TEST(parsed("9223372036854775807") == INT64_MAX);
  BOOST_TEST(parsed("-9223372036854775808") == INT64_MIN);
  BOOST_TEST(parsed("1.0") == 1);
  BOOST_TEST(parsed("1e3") == 1000);
  BOOST_TEST(parsed("12.5e1") == 125);
  BOOST_TEST(parsed("1000e-3") == 1);
  BOOST_TEST(parsed("-0.0") == 0);
  BOOST_TEST(parsed("0e99999999999999999999") == 0);
  BOOST_TEST(parsed("0.00000000000000000000000001e26") == 1);
  for (const char* text : {"0.5", "15e-1", "1e-99999999999999999999"})
    BOOST_TEST((parse_whole(text, value) == NumberError::not_whole), text);
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999"})
    BOOST_TEST((parse_whole(text, value) == NumberError::out_of_range), text);
}

BOOST_AUTO_TEST_CASE(the_fast_way_to_whole_numbers_agrees_with_the_exact_one) {
  for (int round = 0; round < 100'000; ++round) {
    const auto text = random_number();
    const Padded padded(text);
    std::int64_t fast = 0, exact = 0;
    const auto* behind = read_whole(padded.begin(), padded.end(), fast);
    const auto error = parse_whole(text, exact);
    BOOST_TEST_REQUIRE((behind == padded.end()) == (error == NumberError::none), text);
    if (behind != nullptr) BOOST_TEST_REQUIRE(fast == exact, text);
  }
}
