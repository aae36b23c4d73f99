// SPDX-License-Identifier: Apache-2.0
#include "number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace millrace {
namespace {

struct NumberParts {
  bool negative = false;
  std::string_view whole, fraction;
  std::int64_t exponent = 0;  // of ten, within +-1e15
  bool signed_plus = false, has_point = false, complete = false;
};

std::string_view take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
  const auto digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

bool take(std::string_view& rest, std::string_view any_of) {
  if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_exponent(std::string_view& rest, std::int64_t& exponent) {
  constexpr std::int64_t far = 1'000'000'000'000'000;
  if (!take(rest, "eE")) return true;
  const bool negative = !rest.empty() && rest.front() == '-';
  take(rest, "+-");
  const auto digits = take_digits(rest);
  for (const char digit : digits) exponent = std::min(exponent * 10 + (digit - '0'), far);
  if (negative) exponent = -exponent;
  return !digits.empty();
}

NumberParts split(std::string_view text) {
  NumberParts parts;
  parts.signed_plus = !text.empty() && text.front() == '+';
  parts.negative = !text.empty() && text.front() == '-';
  take(text, "+-");
  parts.whole = take_digits(text);
  parts.has_point = take(text, ".");
  if (parts.has_point) parts.fraction = take_digits(text);
  parts.complete = take_exponent(text, parts.exponent) && text.empty();
  return parts;
}

// Whole and fraction digits as one run.
class Digits {
 public:
  explicit Digits(const NumberParts& parts) : parts_(parts) {}
  std::size_t size() const { return parts_.whole.size() + parts_.fraction.size(); }
  char operator[](std::size_t place) const {
    return place < parts_.whole.size() ? parts_.whole[place] : parts_.fraction[place - parts_.whole.size()];
  }

 private:
  const NumberParts& parts_;
};

NumberError signed_value(std::uint64_t magnitude, bool negative, std::int64_t& value) {
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (magnitude > most) return NumberError::out_of_range;
  value = static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
  return NumberError::none;
}

// Where the first digit other than zero stands, as a power of ten; far below for zero.
std::int64_t decimal_magnitude(const NumberParts& parts) {
  const Digits digits(parts);
  for (std::size_t place = 0; place < digits.size(); ++place)
    if (digits[place] != '0')
      return parts.exponent + static_cast<std::int64_t>(parts.whole.size()) -
             static_cast<std::int64_t>(place);
  return std::numeric_limits<std::int64_t>::min();
}

}  // namespace

bool is_json_number(std::string_view text) {
  const auto parts = split(text);
  if (!parts.complete || parts.signed_plus || parts.whole.empty()) return false;
  if (parts.whole.size() > 1 && parts.whole.front() == '0') return false;
  return !parts.has_point || !parts.fraction.empty();
}

bool is_csv_number(std::string_view text) {
  const auto parts = split(text);
  return parts.complete && !(parts.whole.empty() && parts.fraction.empty());
}

NumberError parse_double(std::string_view number, double& value) {
  if (number.front() == '+') number.remove_prefix(1);
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool beyond =
      value > std::numeric_limits<double>::max() || value < -std::numeric_limits<double>::max();
  if (result.ec == std::errc() && !beyond) return NumberError::none;
  if (decimal_magnitude(split(number)) > 0) return NumberError::out_of_range;
  value = number.front() == '-' ? -0.0 : 0.0;
  return NumberError::none;
}

NumberError parse_whole(std::string_view number, std::int64_t& value) {
  const auto parts = split(number);
  const Digits digits(parts);
  auto end = digits.size();
  while (end > 0 && digits[end - 1] == '0') --end;
  if (end == 0) return signed_value(0, false, value);
  auto zeros =
      parts.exponent + static_cast<std::int64_t>(parts.whole.size()) - static_cast<std::int64_t>(end);
  if (zeros < 0) return NumberError::not_whole;
  std::uint64_t magnitude = 0;
  const auto append = [&](unsigned digit) {
    return !__builtin_mul_overflow(magnitude, std::uint64_t{10}, &magnitude) &&
           !__builtin_add_overflow(magnitude, digit, &magnitude);
  };
  for (std::size_t place = 0; place < end; ++place)
    if (!append(static_cast<unsigned>(digits[place] - '0'))) return NumberError::out_of_range;
  for (; zeros > 0; --zeros)
    if (!append(0)) return NumberError::out_of_range;
  return signed_value(magnitude, parts.negative, value);
}

}  // namespace millrace
