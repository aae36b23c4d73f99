// SPDX-License-Identifier: Apache-2.0
#include "source/weather_model.hpp"

#include <algorithm>

namespace millrace {
namespace {

constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour, year = 365 * day + 6 * hour;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

std::int64_t scaled(std::int64_t q16, std::int64_t amplitude) {
  return q16 * amplitude / q16_one;
}

}  // namespace

std::uint64_t hash_of(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  auto x = (seed + 1) * 0x9e3779b97f4a7c15u + stream * 0xd1342543de82ef95u + index * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

Noise::Noise(std::uint64_t seed, std::uint64_t stream, std::int64_t scale_s)
    : seed_(seed), stream_(stream), scale_s_(scale_s) {}

std::int64_t Noise::at(std::int64_t time_s) {
  const auto cell = floor_div(time_s, scale_s_);
  if (cell != cell_) {
    const auto value = [&](std::int64_t index) {
      const auto hash = hash_of(seed_, stream_, static_cast<std::uint64_t>(index));
      return static_cast<std::int64_t>(hash % (2 * q16_one + 1)) - q16_one;
    };
    cell_ = cell;
    left_ = value(cell);
    right_ = value(cell + 1);
  }
  const auto place = (time_s - cell * scale_s_) * q16_one / scale_s_;
  const auto smooth = (place * place / q16_one) * (3 * q16_one - 2 * place) / q16_one;
  return left_ + (right_ - left_) * smooth / q16_one;
}

std::int64_t wave(std::int64_t time_s, std::int64_t period_s) {
  const auto phase = time_s - floor_div(time_s, period_s) * period_s;
  const auto quarter = phase - period_s / 4;
  const auto half = period_s / 2;
  const auto inside = (quarter % period_s + period_s) % period_s;
  const auto x = (inside % half) * q16_one / half;
  const auto arc = 4 * x * (q16_one - x) / q16_one;
  return inside < half ? arc : -arc;
}

WeatherModel::WeatherModel(std::uint64_t seed)
    : days_(seed, 1, 3 * day),
      hours_(seed, 2, 5 * hour),
      minutes_(seed, 3, 7 * minute),
      front_(seed, 4, 4 * day),
      moisture_(seed, 5, 9 * hour),
      breeze_(seed, 6, 6 * hour),
      gusts_(seed, 7, 3 * minute),
      turning_(seed, 8, 11 * hour),
      shower_(seed, 9, 40 * minute),
      drizzle_(seed, 10, 5 * minute),
      clouds_(seed, 11, 3 * hour) {}

Weather WeatherModel::at(std::int64_t time_s) {
  const auto season = wave(time_s - 15 * day, year);  // coldest in the middle of January
  const auto sun = wave(time_s - 4 * hour, day);      // coldest at four in the morning
  const auto height = wave(time_s, day);              // darkest at midnight
  const auto front = front_.at(time_s), cloud = clouds_.at(time_s);
  const auto quick = minutes_.at(time_s);
  Weather now{};
  now.temperature = 105 + scaled(season, 105) + scaled(sun, 45) + scaled(days_.at(time_s), 50) +
                    scaled(hours_.at(time_s), 15) + scaled(quick, 3);
  now.pressure = 10132 + scaled(front, 180) + scaled(quick, 2);
  now.trend = front_.at(time_s + 3 * hour) - front;
  front_.at(time_s);
  now.humidity = std::clamp<std::int64_t>(
      68 - scaled(sun, 18) - scaled(front, 12) + scaled(moisture_.at(time_s), 15), 8, 100);
  const auto wind = std::max<std::int64_t>(0, 30 - scaled(front, 25) + scaled(breeze_.at(time_s), 28));
  const auto gust = gusts_.at(time_s);
  now.wind = std::max<std::int64_t>(0, wind + wind * gust / (3 * q16_one));
  now.gust = now.wind + wind * (q16_one + gust) / (4 * q16_one);
  now.direction = (220 + scaled(turning_.at(time_s), 170) + scaled(gust, 12) + 360) % 360;
  const auto shower = shower_.at(time_s) - front - q16_one / 2;
  now.rain_rate =
      shower > 0 ? std::max<std::int64_t>(0, scaled(shower, 220) + scaled(drizzle_.at(time_s), 30)) : 0;
  now.cloud = std::clamp<std::int64_t>(q16_one / 2 + cloud / 2 - front / 3, 0, q16_one);
  const auto clear = q16_one - now.cloud * 3 / 4;
  const auto strength = 620 + scaled(season, 300);
  now.radiation = height > 0 ? scaled(scaled(height, strength), clear) : 0;
  return now;
}

}  // namespace millrace
