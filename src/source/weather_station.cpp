// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/weather_station.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "codec/instant.hpp"
#include "millrace/base/error.hpp"
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

constexpr std::int64_t any = 100'000'000;

constexpr std::array<Sensor, 33> station_sensors{{
    {"dateTime", "s", Text::time, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"station", "", Text::station, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"outTemp", "degree_C", Text::none, 2, &Weather::temperature, 1, 1, 0, 0, 60, -any, any},
    {"inTemp", "degree_C", Text::none, 2, &Weather::temperature, 1, 12, 2000, 60, 3600, -any, any},
    {"outHumidity", "%", Text::none, 1, &Weather::humidity, 1, 1, 0, 0, 60, 0, 1000},
    {"inHumidity", "%", Text::none, 1, &Weather::humidity, 1, 4, 280, 30, 7200, 0, 1000},
    {"barometer", "hPa", Text::none, 3, &Weather::pressure, 1, 1, 0, 0, 60, 0, any},
    {"pressure", "hPa", Text::none, 3, &Weather::pressure, 1, 1, -18700, 0, 60, 0, any},
    {"altimeter", "hPa", Text::none, 3, &Weather::pressure, 1, 1, 400, 0, 60, 0, any},
    {"barometerTrend", "", Text::trend, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"windSpeed", "m s-1", Text::none, 2, &Weather::wind, 1, 1, 0, 0, 60, 0, any},
    {"windDirDegrees", "degree", Text::none, 1, &Weather::direction, 1, 1, 0, 0, 60, 0, 3599},
    {"windDir", "", Text::wind_direction, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"windGust", "m s-1", Text::none, 2, &Weather::gust, 1, 1, 0, 0, 60, 0, any},
    {"windGustDirDegrees", "degree", Text::none, 1, &Weather::direction, 1, 1, 0, 200, 120, 0, 3599},
    {"windGustDir", "", Text::gust_direction, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"rain", "mm", Text::none, 3, &Weather::rain_rate, 1, 6, 0, 0, 60, 0, any},
    {"rainRate", "mm h-1", Text::none, 2, &Weather::rain_rate, 1, 1, 0, 0, 60, 0, any},
    {"dewpoint", "degree_C", Text::none, 2, &Weather::dewpoint, 1, 1, 0, 0, 60, -any, any},
    {"windchill", "degree_C", Text::none, 2, &Weather::windchill, 1, 1, 0, 0, 60, -any, any},
    {"heatindex", "degree_C", Text::none, 2, &Weather::heatindex, 1, 1, 0, 0, 60, -any, any},
    {"radiation", "W m-2", Text::none, 1, &Weather::radiation, 1, 1, 0, 0, 60, 0, any},
    {"UV", "1", Text::none, 2, &Weather::radiation, 1, 11, 0, 0, 60, 0, 1600},
    {"ET", "mm", Text::none, 3, &Weather::radiation, 1, 900, 0, 0, 60, 0, any},
    {"soilTemp1", "degree_C", Text::none, 2, &Weather::temperature, 1, 3, 700, 30, 14400, -any, any},
    {"soilTemp2", "degree_C", Text::none, 2, &Weather::temperature, 1, 6, 850, 20, 28800, -any, any},
    {"soilMoist1", "cbar", Text::none, 1, &Weather::humidity, -1, 2, 900, 40, 43200, 0, 2000},
    {"leafTemp1", "degree_C", Text::none, 2, &Weather::temperature, 21, 20, 30, 70, 900, -any, any},
    {"leafWet1", "1", Text::none, 1, &Weather::rain_rate, 1, 12, 0, 10, 1800, 0, 150},
    {"consBatteryVoltage", "V", Text::none, 3, &Weather::radiation, 1, 60, 4620, 30, 86400, 0, any},
    {"rxCheckPercent", "%", Text::none, 1, &Weather::cloud, -1, 2200, 985, 24, 300, 0, 1000},
    {"forecast", "", Text::forecast, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
    {"sky", "", Text::sky, 0, nullptr, 0, 1, 0, 0, 1, 0, 0},
}};

constexpr std::array compass{"N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
                             "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"};
constexpr std::array trends{"falling rapidly", "falling slowly", "steady", "rising slowly", "rising rapidly"};
constexpr std::array forecasts{"rain within 12 hours", "mostly cloudy", "partly cloudy", "mostly clear"};
constexpr std::array skies{"clear", "few clouds", "scattered clouds", "broken clouds", "overcast"};

constexpr std::size_t most_value_bytes = 64;  // quotes, and what is written too much, included
constexpr std::uint64_t sensor_stream = 1000, value_stream = 1'000'000, repeat_stream = 99;

const char* compass_of(std::int64_t tenths) {
  return compass[static_cast<std::size_t>((tenths * 16 + 1800) / 3600 % 16)];
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
      return compass_of((now.direction + now.gust / 4) % 3600);
    case Text::trend:
      return trends[step_of(now.trend, q16_one / 20, 5)];
    case Text::forecast:
      return forecasts[step_of(now.pressure - 1013200, 18000, 4)];
    case Text::sky:
      return skies[step_of(2 * now.cloud - q16_one, q16_one, 5)];
    case Text::none:
    case Text::time:
      break;
  }
  return "";
}

char* put(std::string_view text, char* at) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

// 00 to 99, two digits each.
constexpr auto digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t number = 0; number < 100; ++number) {
    pairs[2 * number] = static_cast<char>('0' + number / 10);
    pairs[2 * number + 1] = static_cast<char>('0' + number % 10);
  }
  return pairs;
}();

// Writes the digits of `number` so that they end before `end`, at least `least` of them.
char* put_digits_before(std::uint64_t number, int least, char* end) {
  char* at = end;
  for (; number >= 100; number /= 100) {
    at -= 2;
    std::memcpy(at, &digit_pairs[2 * (number % 100)], 2);
  }
  while (number > 0 || end - at < least) {
    *--at = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return at;
}

// May write up to 24 bytes behind what it says it wrote: copies of a fixed size are much cheaper.
char* put_decimal(std::int64_t value, int decimals, char* at) {
  std::array<char, 48> digits;
  char* const end = digits.data() + 24;
  const char* const begin =
      put_digits_before(static_cast<std::uint64_t>(value < 0 ? -value : value), decimals + 1, end);
  *at = '-';
  at += value < 0;
  const char* const point = end - decimals;
  std::memcpy(at, begin, 24);
  at += point - begin;
  *at = '.';
  at += decimals > 0;
  std::memcpy(at, point, 8);
  return at + decimals;
}

// The times of all rows must be ISO 8601 texts of four-digit years.
void check_times(const WeatherSettings& settings) {
  constexpr std::int64_t year_0 = -62167219200, year_10000 = 253402300800;
  const bool good =
      settings.start_s >= year_0 && settings.start_s < year_10000 && settings.interval_s > 0 &&
      settings.rows <= static_cast<std::uint64_t>((year_10000 - settings.start_s - 1) / settings.interval_s);
  if (!good)
    throw Error(ExitCode::project_refused,
                "weather station: start, interval and rows lead outside of the years 0 to 9999");
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

  static constexpr Sensor further_sensor{"",  "1", Text::none, 2,  &Weather::temperature, 1, 1, 1000,
                                         300, 600, -any,       any};

  char* put_value(std::size_t column, const Weather& now, std::int64_t time_s, char* at) {
    const auto& sensor = sensors[column];
    auto value = now.*sensor.base * sensor.times;
    if (sensor.per != 1) value /= sensor.per;
    value += sensor.offset;
    if (sensor.noise > 0) value += noises[column].at(time_s) * sensor.noise / q16_one;
    return put_decimal(std::clamp(value, sensor.least, sensor.most), sensor.decimals, at);
  }

  char* put_text(Text kind, const Weather& now, char* at) {
    return put(kind == Text::time ? time_text : std::string_view(text_of(kind, now)), at);
  }

  // The row that `row` repeats: itself, or the nearest one before that repeats none.
  std::uint64_t original_of(std::uint64_t row, std::uint64_t seed) {
    auto original = row;
    while (original > 0 && original != last_row && (hash_of(seed, repeat_stream, original) >> 32) < repeated)
      --original;
    if (original == last_row) original = last_original;
    last_row = row;
    return last_original = original;
  }

  std::uint64_t last_row = 0, last_original = 0;  // so that long runs of repeated rows take no longer
  std::string time_text;
};

WeatherStation::WeatherStation(const WeatherSettings& settings)
    : settings_(settings), model_(std::make_unique<Model>(settings)) {
  check_times(settings);
  const bool json = settings.format == RowFormat::jsonl;
  for (const auto& name : model_->names) {
    const auto text = json ? (keys_.empty() ? "{\"" : ",\"") + name + "\":" : keys_.empty() ? "" : ",";
    auto& key = keys_.emplace_back();
    key.size = text.copy(key.text.data(), key.text.size());
  }
  most_row_bytes_ += keys_.size() * (sizeof(Key) + most_value_bytes);
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
  const auto original = model_->original_of(row, settings_.seed);
  const auto time_s = settings_.start_s + static_cast<std::int64_t>(original) * settings_.interval_s;
  const auto old_size = out.size();
  out.resize(old_size + most_row_bytes_);
  char* const begin = out.data() + old_size;
  out.resize(old_size + static_cast<std::size_t>(put_row(original, time_s, begin) - begin));
}

char* WeatherStation::put_row(std::uint64_t row, std::int64_t time_s, char* at) {
  const auto now = model_->weather.at(time_s);
  const bool json = settings_.format == RowFormat::jsonl;
  auto chance = hash_of(settings_.seed, value_stream, row);
  model_->time_text.clear();
  append_instant(time_s, 1, model_->time_text);
  for (std::size_t column = 0; column < keys_.size(); ++column) {
    chance = chance * 0xd1342543de82ef95u + 1;
    const auto draw = column == 0 ? ~std::uint64_t{0} : chance >> 32;
    const bool absent = draw < model_->absent, missing = draw < model_->absent + model_->missing;
    if (json && absent) continue;
    std::memcpy(at, keys_[column].text.data(), keys_[column].text.size());
    at += keys_[column].size;
    if (!missing)
      at = put_field(column, now, time_s, at);
    else if (json)
      at = put("null", at);
  }
  return put(json ? "}\n" : "\n", at);
}

char* WeatherStation::put_field(std::size_t column, const Weather& now, std::int64_t time_s, char* at) {
  const auto text = model_->sensors[column].text;
  if (text == Text::none) return model_->put_value(column, now, time_s, at);
  if (settings_.format == RowFormat::csv) return model_->put_text(text, now, at);
  *at++ = '"';
  at = model_->put_text(text, now, at);
  *at++ = '"';
  return at;
}

}  // namespace millrace
