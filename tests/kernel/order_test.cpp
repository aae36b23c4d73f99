// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/order.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <numeric>

#include "kernel/hostile_values.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// By comparison, ties in the order of their rows.
std::vector<std::uint32_t> sorted_rows(const std::vector<double>& values) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < values.size(); ++row)
    if (!std::isnan(values[row])) rows.push_back(row);
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return values[a] < values[b]; });
  return rows;
}

template <class Check>
void for_hostile_columns(Check check) {
  std::mt19937_64 random(11);
  for (const std::size_t rows : {0, 1, 2, 7, 16, 17, 33, 100, 1000, 10000})
    for (int kind = 0; kind < 8; ++kind) check(hostile_column(rows, kind, random));
}

}  // namespace

BOOST_AUTO_TEST_CASE(sorting_gives_values_and_rows_in_stable_order) {
  Orderer orderer;
  for_hostile_columns([&](const std::vector<double>& values) {
    const auto rows = sorted_rows(values);
    on_every_vector_path([&](VectorPath) {
      const auto sorted = orderer.sort(values, extremes(values));
      BOOST_REQUIRE((std::equal(rows.begin(), rows.end(), sorted.rows.begin(), sorted.rows.end())));
      for (std::size_t i = 0; i < rows.size(); ++i) BOOST_REQUIRE_EQUAL(sorted.values[i], values[rows[i]]);
    });
  });
}

BOOST_AUTO_TEST_CASE(picking_gives_what_sorting_gives) {
  Orderer orderer;
  std::mt19937_64 random(5);
  for_hostile_columns([&](const std::vector<double>& values) {
    const auto rows = sorted_rows(values);
    if (rows.empty()) return;
    std::vector<std::size_t> ranks{0, rows.size() - 1};
    for (int i = 0; i < 5; ++i) ranks.push_back(random() % rows.size());
    std::sort(ranks.begin(), ranks.end());
    on_every_vector_path([&](VectorPath) {
      std::vector<double> picked(ranks.size());
      orderer.pick(values, extremes(values), ranks, picked);
      for (std::size_t i = 0; i < ranks.size(); ++i) BOOST_REQUIRE_EQUAL(picked[i], values[rows[ranks[i]]]);
    });
  });
}

BOOST_AUTO_TEST_CASE(infinities_and_denormals_are_sorted_too) {
  Orderer orderer;
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back((i * 37 % 100) * 5e-324);
  const auto sorted = orderer.sort(values, extremes(values));
  BOOST_TEST(std::is_sorted(sorted.values.begin(), sorted.values.end()));
  values[7] = infinity;
  values[8] = -infinity;
  values[9] = missing;
  const auto wild = orderer.sort(values, extremes(values));
  BOOST_TEST(wild.values.size() == 99);
  BOOST_TEST(std::is_sorted(wild.values.begin(), wild.values.end()));
  BOOST_TEST(wild.rows.front() == 8);
  BOOST_TEST(wild.rows.back() == 7);
}

BOOST_AUTO_TEST_CASE(quantiles_lie_where_numpy_puts_them) {
  const auto median = quantile_place(4, 0.5);
  BOOST_TEST(median.below == 1);
  BOOST_TEST(median.above == 2);
  BOOST_TEST(median.weight == 0.5);
  BOOST_TEST(quantile_place(4, 1.0).below == 3);
  BOOST_TEST(quantile_place(1, 0.3).above == 0);
  BOOST_TEST(interpolate(1, 3, 0.25) == 1.5);
  BOOST_TEST(interpolate(1, 3, 0.75) == 2.5);
  BOOST_TEST(interpolate(0.1, 0.7, 0.5) == 0.7 - (0.7 - 0.1) * 0.5);  // 0.1 + (0.7 - 0.1) * 0.5 is larger
}

BOOST_AUTO_TEST_CASE(of_zeros_the_negative_ones_are_picked_first_whatever_their_order) {
  Orderer orderer;
  std::vector<double> values{0.0, -0.0, 1, -0.0, 0.0, -1};
  const std::vector<std::size_t> ranks{1, 2, 3, 4};
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(values.begin(), values.end(), random);
    std::vector<double> picked(ranks.size());
    orderer.pick(values, extremes(values), ranks, picked);
    for (std::size_t i = 0; i < picked.size(); ++i) BOOST_REQUIRE_EQUAL(std::signbit(picked[i]), i < 2);
  }
}
