// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/rows.hpp"

#include <boost/test/unit_test.hpp>

#include "kernel/hostile_values.hpp"
#include "millrace/kernel/values.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

std::uint64_t hash_of(double value) {
  std::vector<std::uint64_t> hashes{0};
  add_to_hashes(hashes, std::vector<double>{value});
  return hashes[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(norms_are_those_of_a_plain_loop_on_every_path) {
  std::mt19937_64 random(3);
  const auto a = hostile_column(1001, 0, random), b = hostile_column(1001, 2, random);
  on_every_vector_path([&](VectorPath) {
    std::vector<double> squares(1001), magnitudes(1001), largest(1001);
    for (const auto& column : {a, b}) {
      add_squares(squares, column);
      add_magnitudes(magnitudes, column);
      raise_to_magnitudes(largest, column);
    }
    square_roots(squares);
    auto divided = a;
    divide_rows(divided, magnitudes);
    for (std::size_t row = 0; row < 1001; ++row) {
      if (std::isnan(b[row])) {
        BOOST_REQUIRE(std::isnan(squares[row]) && std::isnan(magnitudes[row]) && std::isnan(largest[row]));
        continue;
      }
      BOOST_REQUIRE_EQUAL(squares[row], std::sqrt(a[row] * a[row] + b[row] * b[row]));
      BOOST_REQUIRE_EQUAL(magnitudes[row], std::abs(a[row]) + std::abs(b[row]));
      BOOST_REQUIRE_EQUAL(largest[row], std::max(std::abs(a[row]), std::abs(b[row])));
      BOOST_REQUIRE_EQUAL(divided[row], a[row] / magnitudes[row]);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_missing_value_makes_every_norm_missing_for_good) {
  std::vector<double> largest{0};
  raise_to_magnitudes(largest, std::vector<double>{missing});
  raise_to_magnitudes(largest, std::vector<double>{5});
  BOOST_TEST(std::isnan(largest[0]));
}

BOOST_AUTO_TEST_CASE(division_by_rows_gives_the_bits_of_the_cpu) {
  std::mt19937_64 random(6);
  for (const int kind : {0, 1, 3, 6}) {
    const auto values = hostile_column(777, kind, random);
    auto norms = hostile_column(777, 0, random);
    norms[5] = 0;
    absolute(norms);
    on_every_vector_path([&](VectorPath) {
      auto divisors = norms, divided = values;
      BOOST_TEST(make_divisors(divisors, 1e-3));
      BOOST_TEST(divisors[5] == 1);
      divide_rows(divided, divisors);
      for (std::size_t row = 0; row < 777; ++row)
        BOOST_REQUIRE_EQUAL(divided[row], values[row] / divisors[row]);
    });
  }
}

BOOST_AUTO_TEST_CASE(divisors_tell_of_norms_that_are_not_finite) {
  on_every_vector_path([&](VectorPath) {
    std::vector<double> norms{1, infinity}, gap{missing, 1};
    BOOST_TEST(!make_divisors(norms, 1e-3));
    BOOST_TEST(!make_divisors(gap, 1e-3));
  });
}

BOOST_AUTO_TEST_CASE(equal_values_have_equal_hashes) {
  BOOST_TEST(hash_of(0.0) == hash_of(-0.0));
  BOOST_TEST(hash_of(missing) == hash_of(-missing));
  BOOST_TEST(hash_of(1.0) != hash_of(-1.0));
  BOOST_TEST(hash_of(1.0) != hash_of(std::nextafter(1.0, 2.0)));
}

BOOST_AUTO_TEST_CASE(hashes_of_sensor_values_rarely_collide_and_are_the_same_on_every_path) {
  std::vector<double> a, b;
  for (int i = 0; i < 200; ++i)
    for (int j = 0; j < 200; ++j) {
      a.push_back(i * 0.1);
      b.push_back(1000 + j * 0.5);
    }
  std::vector<std::uint64_t> first;
  on_every_vector_path([&](VectorPath) {
    std::vector<std::uint64_t> hashes(a.size());
    add_to_hashes(hashes, a);
    add_to_hashes(hashes, b);
    add_to_hashes(hashes, std::vector<std::int32_t>(a.size(), 3));
    add_to_hashes(hashes, std::vector<std::uint8_t>(a.size(), 1));
    add_to_hashes(hashes, std::vector<std::int64_t>(a.size(), -1));
    if (first.empty()) first = hashes;
    BOOST_TEST((hashes == first));
  });
  std::sort(first.begin(), first.end());
  BOOST_TEST((std::unique(first.begin(), first.end()) == first.end()));
}

BOOST_AUTO_TEST_CASE(missing_values_are_counted_row_by_row) {
  on_every_vector_path([&](VectorPath) {
    std::vector<std::uint32_t> counts(3);
    count_missing(counts, std::vector<double>{missing, 1, missing});
    count_missing(counts, std::vector<std::uint8_t>{1, 0, 0});
    count_missing(counts, std::vector<std::int32_t>{4, 5, 0});
    BOOST_TEST((counts == std::vector<std::uint32_t>{1, 1, 3}));
  });
}
