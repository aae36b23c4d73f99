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
    : seed_(seed),
      stream_(stream),
      scale_s_(scale_s),
      begin_s_(1),
      end_s_(0),
      per_second_((q16_one << 32) / scale_s) {}

void Noise::enter_cell(std::int64_t time_s) {
  const auto value = [&](std::int64_t index) {
    const auto hash = hash_of(seed_, stream_, static_cast<std::uint64_t>(index));
    return static_cast<std::int64_t>(hash % (2 * q16_one + 1)) - q16_one;
  };
  const auto cell = floor_div(time_s, scale_s_);
  begin_s_ = cell * scale_s_;
  end_s_ = begin_s_ + scale_s_;
  left_ = value(cell);
  right_ = value(cell + 1);
}

std::int64_t Noise::at(std::int64_t time_s) {
  if (time_s < begin_s_ || time_s >= end_s_) enter_cell(time_s);
  const auto place = ((time_s - begin_s_) * per_second_) >> 32;
  const auto smooth = ((place * place >> 16) * (3 * q16_one - 2 * place)) >> 16;
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
      upcoming_front_(seed, 4, 4 * day),
      moisture_(seed, 5, 9 * hour),
      breeze_(seed, 6, 6 * hour),
      gusts_(seed, 7, 3 * minute),
      turning_(seed, 8, 11 * hour),
      shower_(seed, 9, 40 * minute),
      drizzle_(seed, 10, 5 * minute),
      clouds_(seed, 11, 3 * hour) {}

Weather WeatherModel::at(std::int64_t time_s) {
  Weather now{};
  air(time_s, now);
  wind(time_s, now);
  sky(time_s, now);
  return now;
}

void WeatherModel::air(std::int64_t time_s, Weather& now) {
  const auto season = wave(time_s - 15 * day, year);  // coldest in the middle of January
  const auto sun = wave(time_s - 4 * hour, day);      // coldest at four in the morning
  const auto front = front_.at(time_s), quick = minutes_.at(time_s);
  now.temperature = 1050 + scaled(season, 1050) + scaled(sun, 450) + scaled(days_.at(time_s), 500) +
                    scaled(hours_.at(time_s), 150) + scaled(quick, 30);
  now.pressure = 1013200 + scaled(front, 18000) + scaled(quick, 150);
  now.trend = upcoming_front_.at(time_s + 3 * hour) - front;
  now.humidity = std::clamp<std::int64_t>(
      680 - scaled(sun, 180) - scaled(front, 120) + scaled(moisture_.at(time_s), 150), 80, 1000);
  now.dewpoint = now.temperature - (1000 - now.humidity) * 2;
  now.heatindex = now.temperature + std::max<std::int64_t>(0, now.temperature - 2700) * now.humidity / 400;
}

void WeatherModel::wind(std::int64_t time_s, Weather& now) {
  const auto mean =
      std::max<std::int64_t>(0, 300 - scaled(front_.at(time_s), 250) + scaled(breeze_.at(time_s), 280));
  const auto gust = gusts_.at(time_s);
  now.wind = mean + mean * gust / (3 * q16_one);
  now.gust = now.wind + mean * (q16_one + gust) / (4 * q16_one);
  now.direction = (2200 + scaled(turning_.at(time_s), 1700) + scaled(gust, 120) + 3600) % 3600;
  now.windchill = now.temperature - std::max<std::int64_t>(0, 1000 - now.temperature) * now.wind / 2000;
}

void WeatherModel::sky(std::int64_t time_s, Weather& now) {
  const auto front = front_.at(time_s);
  const auto shower = shower_.at(time_s) - front - q16_one;
  if (shower > 0)
    now.rain_rate = std::max<std::int64_t>(0, scaled(shower, 900) + scaled(drizzle_.at(time_s), 150));
  now.cloud = std::clamp<std::int64_t>(q16_one / 2 + clouds_.at(time_s) / 2 - front / 3, 0, q16_one);
  const auto height = wave(time_s, day);  // darkest at midnight
  const auto strength = 6200 + scaled(wave(time_s - 15 * day, year), 3000);
  if (height > 0) now.radiation = scaled(scaled(height, strength), q16_one - now.cloud * 3 / 4);
}

}  // namespace millrace
