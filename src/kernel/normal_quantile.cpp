// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/normal_quantile.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernel/normal_coefficients.hpp"
#include "kernel/vector_table.hpp"

namespace millrace {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// r = sqrt(-log(smaller tail)), r <= 5 (a tail above 1.4e-11).
double near_tail(double r) {
  const auto above =
      (((((((7.7454501427834140764e-4 * r + .0227238449892691845833) * r + .24178072517745061177) * r +
           1.27045825245236838258) *
              r +
          3.64784832476320460504) *
             r +
         5.7694972214606914055) *
            r +
        4.6303378461565452959) *
           r +
       1.42343711074968357734);
  const auto below =
      (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + .0151986665636164571966) * r +
           .14810397642748007459) *
              r +
          .68976733498510000455) *
             r +
         1.6763848301838038494) *
            r +
        2.05319162663775882187) *
           r +
       1.0);
  return above / below;
}

double far_tail(double r) {
  const auto above =
      (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + .0012426609473880784386) * r +
           .026532189526576123093) *
              r +
          .29656057182850489123) *
             r +
         1.7848265399172913358) *
            r +
        5.4637849111641143699) *
           r +
       6.6579046435011037772);
  const auto below =
      (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r +
           7.868691311456132591e-4) *
              r +
          .0148753612908506148525) *
             r +
         .13692988092273580531) *
            r +
        .59983220655588793769) *
           r +
       1.0);
  return above / below;
}

double tail_quantile(double probability) {
  const auto upper = probability > 0.5;
  const auto tail = upper ? 1 - probability : probability;
  if (!(tail > 0))
    return tail == 0 ? (upper ? infinity : -infinity) : std::numeric_limits<double>::quiet_NaN();
  const auto r = std::sqrt(-natural_log(tail));
  const auto size = r <= 5 ? near_tail(r - 1.6) : far_tail(r - 5);
  return upper ? size : -size;
}

bool is_central(double probability) {
  return std::abs(probability - 0.5) <= 0.425;
}

}  // namespace

// After FreeBSD's e_log.c (Copyright 1993 Sun Microsystems; permission to use, copy, modify and distribute
// granted): value = 2^k (1 + f), log(1 + f) = f - s (f - R) with s = f / (2 + f) and R a polynomial in s^2.
double natural_log(double value) {
  if (value < std::numeric_limits<double>::min())
    return natural_log(value * 0x1p54) - 54 * 0.693147180559945309417;
  auto bits = std::bit_cast<std::uint64_t>(value) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  const auto k = static_cast<double>(static_cast<std::int64_t>(bits >> 52) - 1023);
  bits = (bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu;
  const auto f = std::bit_cast<double>(bits) - 1;
  const auto s = f / (2 + f);
  const auto z = s * s;
  const auto w = z * z;
  const auto even =
      w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const auto odd =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const auto half_square = 0.5 * f * f;
  constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  return k * ln2_high - ((half_square - (s * (half_square + even + odd) + k * ln2_low)) - f);
}

double normal_quantile(double probability) {
  if (!is_central(probability)) return tail_quantile(probability);
  const auto distance = probability - 0.5;
  return distance * central_ratio(0.180625 - distance * distance);
}

void normal_quantiles(std::span<double> probabilities) {
  constexpr std::size_t block = 256;
  double central[block];
  for (std::size_t at = 0; at < probabilities.size(); at += block) {
    const auto part = probabilities.subspan(at, std::min(block, probabilities.size() - at));
    vector_table().values->central_normal_quantiles(part.data(), part.size(), central);
    for (std::size_t i = 0; i < part.size(); ++i)
      part[i] = is_central(part[i]) ? central[i] : tail_quantile(part[i]);
  }
}

}  // namespace millrace
