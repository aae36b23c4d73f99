// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/weather_station.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "codec/instant.hpp"
#include "source/weather_model.hpp"

namespace millrace {
namespace {

enum class Text { none, time, station, wind_direction, gust_direction, trend, forecast, sky };

// A number is base(weather) * times / per + offset, with noise of its own, in units of the last decimal.
struct Sensor {
  const char* name;
  const char* unit;
  Text text;
  int decimals;
  std::int64_t Weather::*base;
  std::int64_t times, per, offset, noise, noise_scale_s, least, most;
};

constexpr std::int64_t any = 1'000'000;
constexpr auto temperature = &Weather::temperature;
constexpr auto pressure = &Weather::pressure;

constexpr std::array<Sensor, 33> station_sensors{{
    {"dateTime", "s", Text::time, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"station", "", Text::station, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"outTemp", "degree_C", Text::none, 1, temperature, 1, 1, 0, 0, 60, -any, any},
    {"inTemp", "degree_C", Text::none, 1, temperature, 1, 12, 200, 6, 3600, -any, any},
    {"outHumidity", "%", Text::none, 0, &Weather::humidity, 1, 1, 0, 0, 60, 0, 100},
    {"inHumidity", "%", Text::none, 0, &Weather::humidity, 1, 4, 28, 3, 7200, 0, 100},
    {"barometer", "hPa", Text::none, 1, pressure, 1, 1, 0, 0, 60, 0, any},
    {"pressure", "hPa", Text::none, 1, pressure, 1, 1, -187, 0, 60, 0, any},
    {"altimeter", "hPa", Text::none, 1, pressure, 1, 1, 4, 0, 60, 0, any},
    {"barometerTrend", "", Text::trend, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"windSpeed", "m s-1", Text::none, 1, &Weather::wind, 1, 1, 0, 0, 60, 0, any},
    {"windDirDegrees", "degree", Text::none, 0, &Weather::direction, 1, 1, 0, 0, 60, 0, 359},
    {"windDir", "", Text::wind_direction, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"windGust", "m s-1", Text::none, 1, &Weather::gust, 1, 1, 0, 0, 60, 0, any},
    {"windGustDirDegrees", "degree", Text::none, 0, &Weather::direction, 1, 1, 0, 20, 120, 0, 359},
    {"windGustDir", "", Text::gust_direction, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"rain", "mm", Text::none, 2, &Weather::rain_rate, 1, 6, 0, 0, 60, 0, any},
    {"rainRate", "mm h-1", Text::none, 1, &Weather::rain_rate, 1, 1, 0, 0, 60, 0, any},
    {"dewpoint", "degree_C", Text::none, 1, temperature, 4, 5, -25, 8, 7200, -any, any},
    {"windchill", "degree_C", Text::none, 1, temperature, 11, 10, -22, 4, 1800, -any, any},
    {"heatindex", "degree_C", Text::none, 1, temperature, 1, 1, -4, 6, 5400, -any, any},
    {"radiation", "W m-2", Text::none, 0, &Weather::radiation, 1, 1, 0, 2, 60, 0, any},
    {"UV", "1", Text::none, 1, &Weather::radiation, 1, 11, 0, 0, 60, 0, 160},
    {"ET", "mm", Text::none, 3, &Weather::radiation, 1, 90, 0, 0, 60, 0, any},
    {"soilTemp1", "degree_C", Text::none, 1, temperature, 1, 3, 70, 3, 14400, -any, any},
    {"soilTemp2", "degree_C", Text::none, 1, temperature, 1, 6, 85, 2, 28800, -any, any},
    {"soilMoist1", "cbar", Text::none, 0, &Weather::humidity, -1, 2, 90, 4, 43200, 0, 200},
    {"leafTemp1", "degree_C", Text::none, 1, temperature, 21, 20, 3, 7, 900, -any, any},
    {"leafWet1", "1", Text::none, 0, &Weather::rain_rate, 1, 12, 0, 1, 1800, 0, 15},
    {"consBatteryVoltage", "V", Text::none, 2, &Weather::radiation, 1, 60, 462, 3, 86400, 0, any},
    {"rxCheckPercent", "%", Text::none, 1, &Weather::cloud, -1, 2200, 985, 24, 300, 0, 1000},
    {"forecast", "", Text::forecast, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"sky", "", Text::sky, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
}};

constexpr std::array compass{"N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
                             "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"};
constexpr std::array trends{"falling rapidly", "falling slowly", "steady", "rising slowly", "rising rapidly"};
constexpr std::array forecasts{"rain within 12 hours", "mostly cloudy", "partly cloudy", "mostly clear"};
constexpr std::array skies{"clear", "few clouds", "scattered clouds", "broken clouds", "overcast"};

constexpr std::uint64_t sensor_stream = 1000, value_stream = 1'000'000, repeat_stream = 99;

const char* compass_of(std::int64_t degrees) {
  return compass[static_cast<std::size_t>((degrees * 16 + 180) / 360 % 16)];
}

// 0 to `steps` - 1 for -limit to limit.
std::size_t step_of(std::int64_t value, std::int64_t limit, std::int64_t steps) {
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>((value + limit) * steps / (2 * limit), 0, steps - 1));
}

const char* text_of(Text kind, const Weather& now) {
  switch (kind) {
    case Text::station:
      return "davis-vantage-pro2";
    case Text::wind_direction:
      return compass_of(now.direction);
    case Text::gust_direction:
      return compass_of((now.direction + now.gust / 4) % 360);
    case Text::trend:
      return trends[step_of(now.trend, q16_one / 4, 5)];
    case Text::forecast:
      return forecasts[step_of(now.pressure - 10132, 180, 4)];
    case Text::sky:
      return skies[step_of(2 * now.cloud - q16_one, q16_one, 5)];
    case Text::none:
    case Text::time:
      break;
  }
  return "";
}

void append_decimal(std::int64_t value, int decimals, std::string& out) {
  std::array<char, 24> digits{};
  if (value < 0) out += '-';
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value < 0 ? -value : value).ptr;
  const auto count = static_cast<int>(end - digits.data());
  if (decimals == 0) {
    out.append(digits.data(), static_cast<std::size_t>(count));
  } else if (count > decimals) {
    out.append(digits.data(), static_cast<std::size_t>(count - decimals));
    out += '.';
    out.append(end - decimals, static_cast<std::size_t>(decimals));
  } else {
    out += "0.";
    out.append(static_cast<std::size_t>(decimals - count), '0');
    out.append(digits.data(), static_cast<std::size_t>(count));
  }
}

std::uint64_t threshold(double share) {
  return static_cast<std::uint64_t>(share * 4294967296.0);
}

}  // namespace

struct WeatherStation::Model {
  WeatherModel weather;
  std::vector<Sensor> sensors;
  std::vector<std::string> names;
  std::vector<Noise> noises;
  std::uint64_t missing, absent, repeated;

  explicit Model(const WeatherSettings& settings)
      : weather(settings.seed),
        missing(threshold(settings.missing)),
        absent(threshold(settings.absent)),
        repeated(threshold(settings.duplicates)) {
    for (std::uint32_t column = 0; column < settings.columns; ++column) {
      const bool further = column >= station_sensors.size();
      sensors.push_back(further ? further_sensor : station_sensors[column]);
      names.push_back(further ? "sensor" + std::to_string(column + 1) : sensors.back().name);
      noises.emplace_back(settings.seed, sensor_stream + column, sensors.back().noise_scale_s);
    }
  }

  static constexpr Sensor further_sensor{"", "1",  Text::none, 2,   temperature, 1,
                                         1,  1000, 300,        600, -any,        any};

  void append_value(std::size_t column, const Weather& now, std::int64_t time_s, std::string& out) {
    const auto& sensor = sensors[column];
    auto value = now.*sensor.base * sensor.times / sensor.per + sensor.offset;
    if (sensor.noise > 0) value += noises[column].at(time_s) * sensor.noise / q16_one;
    append_decimal(std::clamp(value, sensor.least, sensor.most), sensor.decimals, out);
  }
};

WeatherStation::WeatherStation(const WeatherSettings& settings)
    : settings_(settings), model_(std::make_unique<Model>(settings)) {
  for (const auto& name : model_->names) keys_.push_back((keys_.empty() ? "{\"" : ",\"") + name + "\":");
}

WeatherStation::~WeatherStation() = default;

Schema WeatherStation::schema() const {
  Schema schema;
  for (std::size_t column = 0; column < model_->sensors.size(); ++column) {
    const auto& sensor = model_->sensors[column];
    const auto type = sensor.text == Text::none   ? Type::float64
                      : sensor.text == Text::time ? Type::time
                                                  : Type::text;
    schema.columns.push_back({.name = model_->names[column], .type = type, .unit = sensor.unit});
  }
  return schema;
}

std::string WeatherStation::csv_header() const {
  std::string header;
  for (const auto& name : model_->names) header += (header.empty() ? "" : ",") + name;
  return header + "\n";
}

void WeatherStation::append_row(std::uint64_t row, std::string& out) {
  while (row > 0 && (hash_of(settings_.seed, repeat_stream, row) >> 32) < model_->repeated) --row;
  const auto time_s = settings_.start_s + static_cast<std::int64_t>(row) * settings_.interval_s;
  const auto now = model_->weather.at(time_s);
  const bool json = settings_.format == RowFormat::jsonl;
  for (std::size_t column = 0; column < keys_.size(); ++column) {
    const auto chance = hash_of(settings_.seed, value_stream + column, row) >> 32;
    const bool absent = column > 0 && chance < model_->absent;
    const bool missing = column > 0 && !absent && chance < model_->absent + model_->missing;
    if (!json && column > 0) out += ',';
    if (absent || (missing && !json)) continue;
    if (json) out += keys_[column];
    if (missing)
      out += "null";
    else
      append_field(column, now, time_s, out);
  }
  out += json ? "}\n" : "\n";
}

void WeatherStation::append_field(std::size_t column, const Weather& now, std::int64_t time_s,
                                  std::string& out) {
  const auto text = model_->sensors[column].text;
  if (text == Text::none) return model_->append_value(column, now, time_s, out);
  const bool quoted = settings_.format == RowFormat::jsonl;
  if (quoted) out += '"';
  if (text == Text::time)
    append_instant(time_s, 1, out);
  else
    out += text_of(text, now);
  if (quoted) out += '"';
}

}  // namespace millrace
