// SPDX-License-Identifier: Apache-2.0
// The weather behind the generated rows, in whole numbers only, so that every machine makes the same: hashed
// values on lattices of several time scales, joined smoothly. A moment's weather follows from seed and time
// alone.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace millrace {

// splitmix64's finalizer over a key: the one source of chance.
std::uint64_t hash_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t index);

// Q16 numbers: 65536 is one.
constexpr std::int64_t q16_one = 65536;

// Smooth noise within -one..one that turns about every `scale_s` seconds. Remembers its last lattice cell.
class Noise {
 public:
  Noise(std::uint64_t seed, std::uint64_t stream, std::int64_t scale_s);
  std::int64_t at(std::int64_t time_s);

 private:
  void enter_cell(std::int64_t time_s);

  std::uint64_t seed_, stream_;
  std::int64_t scale_s_, begin_s_, end_s_;  // of the cell: none yet
  std::int64_t per_second_;                 // of the cell, in 2^-48
  std::int64_t left_ = 0, right_ = 0;       // at its two ends
};

// A wave of a period, -one..one, least at phase 0, made of two parabolas.
std::int64_t wave(std::int64_t time_s, std::int64_t period_s);

// Temperatures in 0.01 degree_C, humidity in 0.1 %, pressure in 0.001 hPa, wind in 0.01 m s-1, direction in
// 0.1 degree, rain_rate in 0.01 mm h-1, radiation in 0.1 W m-2; trend and cloud in Q16.
struct Weather {
  std::int64_t temperature, dewpoint, windchill, heatindex;
  std::int64_t humidity, pressure, wind, gust, direction, rain_rate, radiation, trend, cloud;
};

class WeatherModel {
 public:
  explicit WeatherModel(std::uint64_t seed);
  Weather at(std::int64_t time_s);

 private:
  void air(std::int64_t time_s, Weather& now);
  void wind(std::int64_t time_s, Weather& now);
  void sky(std::int64_t time_s, Weather& now);

  Noise days_, hours_, minutes_, front_, upcoming_front_, moisture_, breeze_, gusts_, turning_, shower_,
      drizzle_, clouds_;
};

}  // namespace millrace
