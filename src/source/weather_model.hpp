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
  std::uint64_t seed_, stream_;
  std::int64_t scale_s_, cell_ = -1, left_ = 0, right_ = 0;
};

// A wave of a period, -one..one, least at phase 0, made of two parabolas.
std::int64_t wave(std::int64_t time_s, std::int64_t period_s);

// All in units of the columns' last decimal (0.1 degree_C, 0.1 hPa ...).
struct Weather {
  std::int64_t temperature, humidity, pressure, wind, gust, direction, rain_rate, radiation, trend, cloud;
};

class WeatherModel {
 public:
  explicit WeatherModel(std::uint64_t seed);
  Weather at(std::int64_t time_s);

 private:
  Noise days_, hours_, minutes_, front_, moisture_, breeze_, gusts_, turning_, shower_, drizzle_, clouds_;
};

}  // namespace millrace
