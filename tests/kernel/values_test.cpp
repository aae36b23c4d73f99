// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/values.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>

#include "kernel/hostile_values.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

std::vector<std::vector<double>> all_columns() {
  std::mt19937_64 random(7);
  std::vector<std::vector<double>> columns;
  for (const std::size_t rows : {0, 1, 2, 7, 15, 16, 17, 100, 2047, 2048, 2049, 10000})
    for (int kind = 0; kind < 8; ++kind) columns.push_back(hostile_column(rows, kind, random));
  return columns;
}

std::vector<std::uint64_t> results_of(std::vector<double> values) {
  const auto total = sum(values);
  const auto range = extremes(values);
  const Mean centre{range.least,
                    sum_of_differences(values, range.least).value / static_cast<double>(total.count)};
  std::vector<std::uint64_t> all{bits(total.value), total.count,
                                 bits(centre.low),  bits(range.most),
                                 bits(range.least), bits(squared_deviations(values, centre))};
  standardize(values, centre, 3.0);
  scale_and_shift(values, 0.7, 0.1);
  subtract(values, {0.3, 1e-18});
  divide(values, 1.7);
  clamp(values, -1, 1);
  absolute(values);
  fill_missing(values, 0.5);
  for (const auto value : values) all.push_back(bits(value));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_vector_path_gives_the_same_bits) {
  for (const auto& column : all_columns()) {
    std::vector<std::uint64_t> expected;
    on_every_vector_path([&](VectorPath path) {
      const auto found = results_of(column);
      if (expected.empty()) expected = found;
      BOOST_CHECK_MESSAGE(found == expected, name_of(path) << " differs at " << column.size() << " rows");
    });
  }
}

BOOST_AUTO_TEST_CASE(a_sum_is_as_exact_as_a_compensated_one_in_long_double) {
  for (const auto& column : all_columns()) {
    long double exact = 0, rest = 0, magnitude = 0;
    std::size_t count = 0;
    for (const auto value : column) {
      if (std::isnan(value)) continue;
      const auto before = exact;
      exact += value;
      rest += std::abs(before) > std::abs(value) ? before - exact + value : value - exact + before;
      magnitude += std::abs(value);
      ++count;
    }
    const auto found = sum(column);
    BOOST_TEST(found.count == count);
    BOOST_TEST(std::abs(found.value - exact - rest) <= std::abs(exact + rest) * 3e-16L + magnitude * 1e-25L);
  }
}

BOOST_AUTO_TEST_CASE(cancelling_values_leave_the_small_one) {
  std::vector<double> values(200, 0);
  values[3] = 1e16;
  values[67] = 1;
  values[131] = -1e16;
  BOOST_TEST(sum(values).value == 1);
}

BOOST_AUTO_TEST_CASE(a_sum_that_overflows_is_infinite) {
  const std::vector<double> values{1e308, 1e308};
  BOOST_TEST(sum(values).value == infinity);
}

BOOST_AUTO_TEST_CASE(differences_from_a_value_keep_what_a_plain_sum_loses) {
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(1e9 + (i % 3) * 0x1p-22);
  BOOST_TEST(sum_of_differences(values, 1e9).value == 4999 * 0x1p-22);
  values[17] = missing;
  BOOST_TEST(sum_of_differences(values, 1e9).count == 4999);
}

BOOST_AUTO_TEST_CASE(the_mean_of_values_close_together_lies_between_two_doubles) {
  const std::vector<double> values{1e9, 1e9 + 0x1p-23, 1e9, missing, 1e9};
  BOOST_TEST(mean(values).high == 1e9);
  BOOST_TEST(mean(values).low == 0x1p-25);
  BOOST_TEST(mean(values).count == 4);
}

BOOST_AUTO_TEST_CASE(the_mean_of_no_value_is_missing_and_that_of_large_ones_does_not_overflow) {
  BOOST_TEST(std::isnan(mean(std::vector<double>(3, missing)).high));
  const auto large = mean(std::vector<double>{1e308, 1.5e308, 1.7e308});
  BOOST_TEST(large.high + large.low == 1.4e308);
  BOOST_TEST(mean(std::vector<double>{1.7e308, -1.7e308, 1}).high == 1.0 / 3);
  BOOST_TEST(mean(std::vector<double>{1, infinity}).high == infinity);
}

BOOST_AUTO_TEST_CASE(squared_deviations_are_those_of_long_double) {
  for (const auto& column : all_columns()) {
    long double exact = 0;
    for (const auto value : column)
      if (!std::isnan(value)) exact += (value - 0.25L) * (value - 0.25L);
    const auto found = squared_deviations(column, {0.25, 0});
    if (exact > std::numeric_limits<double>::max())
      BOOST_TEST(found == infinity);
    else
      BOOST_TEST(std::abs(found - exact) <= exact * 1e-13L);
  }
}

BOOST_AUTO_TEST_CASE(division_gives_the_bits_of_the_cpu_for_any_exponents) {
  std::mt19937_64 random(9);
  const auto any_double = [&](int spread) {
    const auto value = std::ldexp(1 + static_cast<double>(random() >> 12) * 0x1p-52,
                                  static_cast<int>(random() % spread) - spread / 2);
    return random() % 2 == 0 ? value : -value;
  };
  on_every_vector_path([&](VectorPath path) {
    for (int round = 0; round < 2000; ++round) {
      const auto spread = round % 4 == 0 ? 2000 : 20;
      const auto divisor = any_double(spread);
      std::vector<double> values(300);
      for (auto& value : values) value = random() % 20 == 0 ? 0.0 * any_double(2) : any_double(spread);
      auto quotients = values, scaled = values;
      divide(quotients, divisor);
      standardize(scaled, {0.5, 1e-20}, divisor);
      for (std::size_t i = 0; i < values.size(); ++i) {
        BOOST_REQUIRE_MESSAGE(bits(quotients[i]) == bits(values[i] / divisor), name_of(path)
                                                                                   << values[i] << divisor);
        BOOST_REQUIRE_EQUAL(bits(scaled[i]), bits(((values[i] - 0.5) - 1e-20) / divisor));
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(no_value_has_no_extremes_and_sums_to_nothing) {
  const std::vector<double> none, gap(20, missing);
  BOOST_TEST(sum(gap).count == 0);
  BOOST_TEST(sum(gap).value == 0);
  BOOST_TEST(std::isnan(extremes(gap).least));
  BOOST_TEST(std::isnan(extremes(none).most));
}

BOOST_AUTO_TEST_CASE(extremes_skip_missing_values_and_see_infinities) {
  std::vector<double> values(40, missing);
  values[33] = -infinity;
  values[5] = 4;
  BOOST_TEST(extremes(values).least == -infinity);
  BOOST_TEST(extremes(values).most == 4);
  BOOST_TEST(extremes(values).count == 2);
}

BOOST_AUTO_TEST_CASE(missing_values_stay_missing_until_they_are_filled) {
  std::vector<double> values{1, missing, -3};
  standardize(values, {1, 0}, 2);
  BOOST_TEST(values[0] == 0);
  BOOST_TEST(std::isnan(values[1]));
  BOOST_TEST(values[2] == -2);
  clamp(values, -1, 1);
  BOOST_TEST(std::isnan(values[1]));
  BOOST_TEST(values[2] == -1);
  fill_missing(values, 9);
  BOOST_TEST(values[1] == 9);
}

BOOST_AUTO_TEST_CASE(whole_numbers_become_doubles_and_invalid_ones_missing) {
  const std::vector<std::int64_t> whole{1, 0, -(std::int64_t{1} << 60)};
  const std::vector<std::uint8_t> valid{1, 0, 1};
  on_every_vector_path([&](VectorPath) {
    std::vector<double> out(3);
    to_double(whole, valid, out);
    BOOST_TEST(out[0] == 1);
    BOOST_TEST(std::isnan(out[1]));
    to_double(whole, {}, out);
    BOOST_TEST(out[1] == 0);
    BOOST_TEST(out[2] == -0x1p60);
  });
}
