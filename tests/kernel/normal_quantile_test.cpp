// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/normal_quantile.hpp"

#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdint>

#include "kernel/hostile_values.hpp"

using namespace millrace;
using namespace millrace::test;

BOOST_AUTO_TEST_CASE(the_logarithm_is_that_of_long_double_within_an_ulp) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-1070, 1000), near_one(0.5, 2);
  for (int i = 0; i < 100000; ++i) {
    const auto value = i % 2 == 0 ? std::exp2(exponent(random)) : near_one(random);
    const auto exact = std::log(static_cast<long double>(value));
    BOOST_REQUIRE_LE(std::abs(natural_log(value) - exact), std::abs(exact) * 0x1p-52L);
  }
}

// 1 - p is rounded in the upper tail, so the check goes the way back from the lower one.
BOOST_AUTO_TEST_CASE(the_quantile_undoes_the_distribution_function) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponent(-300, std::log10(0.5));
  for (int i = 0; i < 100000; ++i) {
    const auto p = std::pow(10, exponent(random));
    const auto z = static_cast<long double>(normal_quantile(p));
    const auto back = std::erfc(-z / std::sqrt(2.0L)) / 2;
    const auto slope = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846L);
    BOOST_REQUIRE_LE(std::abs(back - p) / slope, std::abs(z) * 1e-15L + 1e-300L);
  }
}

BOOST_AUTO_TEST_CASE(the_two_tails_mirror_each_other) {
  for (const auto p : {0x1p-30, 0x1p-10, 0.0625, 0.25, 0.5})
    BOOST_TEST(normal_quantile(1 - p) == -normal_quantile(p));
}

BOOST_AUTO_TEST_CASE(the_ends_are_infinite_and_what_lies_outside_is_missing) {
  BOOST_TEST(normal_quantile(0) == -infinity);
  BOOST_TEST(normal_quantile(1) == infinity);
  BOOST_TEST(normal_quantile(0.5) == 0);
  for (const auto p : {-0.1, 1.1, missing, infinity}) BOOST_TEST(std::isnan(normal_quantile(p)));
}

BOOST_AUTO_TEST_CASE(many_at_once_give_the_bits_of_one_at_a_time) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform;
  std::vector<double> all{0, 1, missing, 0.5, 0.075, 0.925, 2};
  while (all.size() < 1000) all.push_back(uniform(random));
  on_every_vector_path([&](VectorPath) {
    auto found = all;
    normal_quantiles(found);
    for (std::size_t i = 0; i < all.size(); ++i)
      BOOST_REQUIRE_EQUAL(std::bit_cast<std::uint64_t>(found[i]),
                          std::bit_cast<std::uint64_t>(normal_quantile(all[i])));
  });
}
