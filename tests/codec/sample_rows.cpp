// SPDX-License-Identifier: Apache-2.0
#include "sample_rows.hpp"

#include <array>
#include <cstdio>

#include "millrace/frame/message.hpp"

namespace millrace {
namespace {

struct Sensor {
  const char* name;
  double mean, step;
  int decimals;
};

constexpr std::array<Sensor, 25> sensors{
    {{"outTemp", 12, 0.3, 2},     {"inTemp", 21, 0.1, 2},         {"outHumidity", 70, 0.8, 1},
     {"inHumidity", 45, 0.3, 1},  {"barometer", 1013, 0.2, 2},    {"pressure", 1001, 0.2, 3},
     {"altimeter", 1012, 0.2, 3}, {"windSpeed", 4, 0.7, 2},       {"windDir", 180, 9, 1},
     {"windGust", 7, 0.9, 2},     {"windGustDir", 180, 9, 1},     {"rain", 0, 0.0, 0},
     {"rainRate", 0, 0.0, 0},     {"dewpoint", 7, 0.2, 3},        {"windchill", 11, 0.3, 3},
     {"heatindex", 12, 0.3, 3},   {"radiation", 300, 5, 1},       {"UV", 3, 0.1, 1},
     {"ET", 0.02, 0.001, 4},      {"soilTemp1", 10, 0.05, 2},     {"soilMoist1", 40, 0.2, 0},
     {"leafWet1", 3, 0.2, 0},     {"rxCheckPercent", 98, 0.3, 1}, {"consBatteryVoltage", 4.7, 0.01, 2},
     {"cloudBase", 900, 7, 2}}};

constexpr std::array<const char*, 7> texts{"station",  "windCompass", "forecast", "quality",
                                           "tendency", "sky",         "alarm"};

std::string without_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

class Generator {
 public:
  Generator(std::uint32_t seed, const SampleOptions& options) : random_(seed), options_(options) {
    for (std::size_t sensor = 0; sensor < sensors.size(); ++sensor) values_[sensor] = sensors[sensor].mean;
  }

  std::string row(std::size_t index) {
    row_.clear();
    std::array<char, 40> number{};
    std::snprintf(number.data(), number.size(), "%zu", 1'577'836'800 + 60 * index);
    add("dateTime", number.data(), false);
    for (std::size_t sensor = 0; sensor < sensors.size(); ++sensor) {
      const auto& [name, mean, step, decimals] = sensors[sensor];
      values_[sensor] += (share() - 0.5) * step + (mean - values_[sensor]) * 0.01;
      std::snprintf(number.data(), number.size(), "%.*f", decimals, values_[sensor]);
      add(name, options_.shortest ? without_zeros(number.data()) : number.data(), true);
    }
    for (std::size_t text = 0; text < texts.size(); ++text) add(texts[text], label(text), true);
    return options_.format == RowFormat::csv ? row_ : row_ + "}";
  }

 private:
  double share() { return static_cast<double>(random_()) / 4294967296.0; }

  std::string label(std::size_t text) {
    constexpr std::array<const char*, 8> compass{"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
    constexpr std::array<const char*, 5> words{"clear", "mostly cloudy", "rain at times", "steady",
                                               "falling slowly"};
    if (text == 0) return "Berlin-Dahlem";
    if (text == 1) return compass[random_() % compass.size()];
    return share() < 0.9 ? words[text % words.size()] : words[random_() % words.size()];
  }

  void add(const std::string& name, const std::string& value, bool may_miss) {
    const auto luck = may_miss ? share() : 1;
    const bool text = value.find_first_not_of("0123456789.-") != std::string::npos;
    if (options_.format == RowFormat::csv) {
      if (name != "dateTime") row_ += ',';
      if (luck >= options_.missing) row_ += value;
      return;
    }
    if (luck < options_.absent) return;
    row_ += (row_.empty() ? "{\"" : options_.comma + "\"") + name + "\"" + options_.colon;
    row_ += luck < options_.absent + options_.missing ? "null" : text ? "\"" + value + "\"" : value;
  }

  std::mt19937 random_;
  SampleOptions options_;
  std::array<double, sensors.size()> values_{};
  std::string row_;
};

}  // namespace

Schema sample_schema() {
  Schema schema{{{"dateTime", Type::time, "s"}}};
  for (const auto& sensor : sensors) schema.columns.push_back({sensor.name, Type::float64});
  for (const auto* text : texts) schema.columns.push_back({text, Type::text});
  return schema;
}

std::vector<std::string> sample_rows(std::size_t rows, std::uint32_t seed, const SampleOptions& options) {
  Generator generator(seed, options);
  std::vector<std::string> all;
  for (std::size_t row = 0; row < rows; ++row) all.push_back(generator.row(row));
  return all;
}

Bytes message_of(const std::vector<std::string>& rows) {
  MessageBuilder builder;
  for (const auto& row : rows) builder.add_row(row);
  return builder.finish(1);
}

}  // namespace millrace
