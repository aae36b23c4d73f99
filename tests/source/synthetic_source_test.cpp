// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/weather_station.hpp"
#include "source/contract.hpp"
#include "source/input_folder.hpp"

using namespace millrace;
using namespace millrace::test;

BOOST_AUTO_TEST_CASE(the_generator_gives_the_rows_that_generate_writes) {
  const WeatherSettings settings{
      .rows = 1000, .seed = 3, .start_s = 86400, .interval_s = 1, .missing = 0.1, .columns = 35};
  WeatherStation station(settings);
  std::vector<std::string> expected(settings.rows);
  for (std::uint64_t row = 0; row < settings.rows; ++row) {
    station.append_row(row, expected[row]);
    expected[row].pop_back();
  }
  const auto make = [] {
    return make_source("synthetic", {{"rows", std::int64_t{1000}},
                                     {"seed", std::int64_t{3}},
                                     {"start", std::string("1970-01-02")},
                                     {"interval", std::int64_t{1}},
                                     {"missing", 0.1},
                                     {"columns", std::int64_t{35}}});
  };
  check_contract(make, expected);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_no_time_is_refused) {
  const auto message = refusal_of([] {
    make_source("synthetic", {{"rows", std::int64_t{1}}, {"start", std::string("yesterday")}});
  });
  BOOST_TEST(message.starts_with("source.synthetic.start: "));
  BOOST_TEST(refusal_of([] { make_source("synthetic", {{"rows", std::int64_t{1} << 60}}); }) != "");
}
