// SPDX-License-Identifier: Apache-2.0
// The central part of AS 241's PPND16, shared by the scalar function and the vector paths.
#pragma once

namespace millrace {
namespace {

// Where |p - 0.5| <= 0.425, the quantile is (p - 0.5) times this ratio at r = 0.180625 - (p - 0.5)^2.
inline __attribute__((always_inline)) double central_ratio(double r) {
  const auto above =
      (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r +
           45921.953931549871457) *
              r +
          13731.693765509461125) *
             r +
         1971.5909503065514427) *
            r +
        133.14166789178437745) *
           r +
       3.387132872796366608);
  const auto below =
      (((((((5226.495278852854561 * r + 28729.085735721942674) * r + 39307.89580009271061) * r +
           21213.794301586595867) *
              r +
          5394.1960214247511077) *
             r +
         687.1870074920579083) *
            r +
        42.313330701600911252) *
           r +
       1.0);
  return above / below;
}

}  // namespace
}  // namespace millrace
