// SPDX-License-Identifier: Apache-2.0
#include "instant.hpp"

#include <array>

namespace millrace {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;

// Days since 1970-01-01, by eras of 400 years that begin in March (H. Hinnant, chrono-compatible date
// algorithms).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const auto era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = year - era * 400;
  const auto day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const auto day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

struct Date {
  std::int64_t year;
  int month, day;
};

Date civil_from_days(std::int64_t days) {
  days += 719'468;
  const auto era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = days - era * 146'097;
  const auto year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const auto day_of_year =
      static_cast<int>(day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100));
  const auto shifted_month = (5 * day_of_year + 2) / 153;
  const auto month = shifted_month + (shifted_month < 10 ? 3 : -9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

int days_of_month(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0);
}

struct Instant {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;  // the first nine digits of the fraction
  bool finer = false;            // digits other than zero behind those
};

class InstantReader {
 public:
  explicit InstantReader(std::string_view text) : rest_(text) {}

  bool read(Instant& instant) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!digits(4, year) || !skip('-') || !digits(2, month) || !skip('-') || !digits(2, day)) return false;
    if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) return false;
    instant.seconds = days_from_civil(year, month, day) * seconds_per_day;
    if (rest_.empty()) return true;
    return skip('T', 't', ' ') && time_of_day(instant) && zone(instant) && rest_.empty();
  }

 private:
  bool time_of_day(Instant& instant) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!digits(2, hour) || !skip(':') || !digits(2, minute)) return false;
    if (skip(':') && (!digits(2, second) || !fraction(instant))) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    instant.seconds += hour * 3'600 + minute * 60 + second;
    return true;
  }

  bool fraction(Instant& instant) {
    if (!skip('.', ',')) return true;
    std::int64_t unit = 1'000'000'000;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      const auto digit = rest_[count] - '0';
      unit /= 10;
      instant.nanoseconds += digit * unit;
      instant.finer |= unit == 0 && digit != 0;
    }
    rest_.remove_prefix(count);
    return count > 0;
  }

  bool zone(Instant& instant) {
    if (rest_.empty() || skip('Z', 'z')) return true;
    const bool west = rest_.front() == '-';
    int hour = 0;
    int minute = 0;
    if (!skip('+', '-') || !digits(2, hour)) return false;
    if ((skip(':') || !rest_.empty()) && !digits(2, minute)) return false;
    if (hour > 23 || minute > 59) return false;
    const auto offset = hour * 3'600 + minute * 60;
    instant.seconds += west ? offset : -offset;
    return true;
  }

  bool digits(std::size_t count, int& value) {
    if (rest_.size() < count) return false;
    for (std::size_t place = 0; place < count; ++place) {
      const auto digit = static_cast<unsigned>(rest_[place] - '0');
      if (digit > 9) return false;
      value = value * 10 + static_cast<int>(digit);
    }
    rest_.remove_prefix(count);
    return true;
  }

  template <class... Marks>
  bool skip(Marks... marks) {
    if (rest_.empty() || !((rest_.front() == marks) || ...)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

void append_digits(std::int64_t value, int count, std::string& out) {
  const auto end = out.size() + static_cast<std::size_t>(count);
  out.resize(end);
  for (auto place = end; count > 0; --count, value /= 10) out[--place] = static_cast<char>('0' + value % 10);
}

}  // namespace

InstantError parse_instant(std::string_view text, std::int64_t ticks, std::int64_t& value) {
  Instant instant;
  if (!InstantReader(text).read(instant)) return InstantError::not_an_instant;
  const auto unit = 1'000'000'000 / ticks;
  if (instant.finer || instant.nanoseconds % unit != 0) return InstantError::too_fine;
  if (__builtin_mul_overflow(instant.seconds, ticks, &value) ||
      __builtin_add_overflow(value, instant.nanoseconds / unit, &value))
    return InstantError::out_of_range;
  return InstantError::none;
}

int fraction_digits(std::string_view text) {
  Instant instant;
  if (!InstantReader(text).read(instant)) return -1;
  if (instant.finer) return 9;
  int digits = 9;
  for (auto rest = instant.nanoseconds; digits > 0 && rest % 10 == 0; rest /= 10) --digits;
  return digits;
}

bool append_instant(std::int64_t value, std::int64_t ticks, std::string& out) {
  constexpr std::int64_t first_day = -719'528;  // 0000-01-01
  constexpr std::int64_t last_day = 2'932'896;  // 9999-12-31
  auto seconds = value / ticks;
  auto fraction = value % ticks;
  if (fraction < 0) {
    fraction += ticks;
    --seconds;
  }
  auto days = seconds / seconds_per_day;
  auto second_of_day = seconds % seconds_per_day;
  if (second_of_day < 0) {
    second_of_day += seconds_per_day;
    --days;
  }
  if (days < first_day || days > last_day) return false;
  const auto date = civil_from_days(days);
  append_digits(date.year, 4, out);
  append_digits(date.month, 2, out += '-');
  append_digits(date.day, 2, out += '-');
  append_digits(second_of_day / 3'600, 2, out += 'T');
  append_digits(second_of_day / 60 % 60, 2, out += ':');
  append_digits(second_of_day % 60, 2, out += ':');
  if (ticks > 1) append_digits(fraction, ticks == 1'000 ? 3 : ticks == 1'000'000 ? 6 : 9, out += '.');
  out += 'Z';
  return true;
}

}  // namespace millrace
