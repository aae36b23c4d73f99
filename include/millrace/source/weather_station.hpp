// SPDX-License-Identifier: Apache-2.0
// The generated weather station: rows of a Davis-type station with 26 numbers and 7 texts. The same bytes for
// the same settings on every machine (integer arithmetic only); row n can be made without the rows before it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "millrace/codec/row_framer.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

struct Weather;

struct WeatherSettings {
  std::uint64_t rows = 0;
  std::uint64_t seed = 1;
  std::int64_t start_s = 1577836800;  // 2020-01-01T00:00:00Z
  std::int64_t interval_s = 60;
  double missing = 0.004;      // share of values that are null
  double absent = 0.002;       // share of values whose key is left out (CSV: an empty field)
  double duplicates = 0.01;    // share of rows that repeat the row before
  std::uint32_t columns = 33;  // fewer: the first ones; more: further sensors
  RowFormat format = RowFormat::jsonl;
};

class WeatherStation {
 public:
  // Throws Error (project_refused) for times outside of the years 0 to 9999.
  explicit WeatherStation(const WeatherSettings& settings);
  WeatherStation(const WeatherStation&) = delete;
  WeatherStation& operator=(const WeatherStation&) = delete;
  ~WeatherStation();
  Schema schema() const;
  std::string csv_header() const;                        // with line end
  void append_row(std::uint64_t row, std::string& out);  // with line end

 private:
  struct Model;
  char* put_row(std::uint64_t row, std::int64_t time_s, char* at);
  char* put_field(std::size_t column, const Weather& now, std::int64_t time_s, char* at);

  WeatherSettings settings_;
  std::unique_ptr<Model> model_;
  struct Key {
    std::array<char, 32> text{};
    std::size_t size = 0;
  };
  std::vector<Key> keys_;  // the text before each value
  std::size_t most_row_bytes_ = 8;
};

}  // namespace millrace
