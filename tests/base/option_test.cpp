// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/option.hpp"

#include <boost/test/unit_test.hpp>

using namespace millrace;

BOOST_AUTO_TEST_CASE(options_have_their_defaults_and_what_is_given_wins) {
  const std::vector<OptionSpec> specs{
      {.name = "norm", .kind = OptionKind::text, .default_value = std::string("l2")},
      {.name = "k", .kind = OptionKind::integer, .default_value = std::int64_t{3}},
      {.name = "limit", .kind = OptionKind::number}};
  const Options options(specs, {{"k", std::int64_t{5}}});
  BOOST_TEST(options.text("norm") == "l2");
  BOOST_TEST(options.integer("k") == 5);
  BOOST_TEST(options.number("k") == 5.0);
  BOOST_TEST(!options.has("limit"));
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_found_and_a_far_one_is_not) {
  const std::vector<std::string> known{"normalizer", "fillna_zeros", "abs"};
  BOOST_TEST(nearest_name("normaliser", known) == "normalizer");
  BOOST_TEST(nearest_name("filna_zero", known) == "fillna_zeros");
  BOOST_TEST(nearest_name("quantile", known).empty());
  BOOST_TEST(nearest_name("xyz", known).empty());
}

BOOST_AUTO_TEST_CASE(globs_match_runs_and_single_characters) {
  BOOST_TEST(glob_matches("*Humidity", "outHumidity"));
  BOOST_TEST(glob_matches("soilTemp?", "soilTemp1"));
  BOOST_TEST(glob_matches("*a*b*", "xxaxxbxx"));
  BOOST_TEST(glob_matches("*", ""));
  BOOST_TEST(!glob_matches("soilTemp?", "soilTemp"));
  BOOST_TEST(!glob_matches("out*", "inTemp"));
  BOOST_TEST(!glob_matches("", "x"));
}
