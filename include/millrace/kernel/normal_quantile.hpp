// SPDX-License-Identifier: Apache-2.0
// The inverse of the standard normal distribution: M. J. Wichura, Algorithm AS 241, Applied Statistics 37
// (1988), routine PPND16; relative error about 1e-16 before rounding, below 1e-14 against
// scipy.special.ndtri.
#pragma once

#include <span>

namespace millrace {

// 0: -infinity, 1: infinity, NaN or outside of [0, 1]: NaN.
double normal_quantile(double probability);
// In place. The same bits as the function above.
void normal_quantiles(std::span<double> probabilities);

// Natural logarithm of a positive normal double, error below 1 ulp. Compiled here, since the variants of a
// system's libm differ in the last bit.
double natural_log(double value);

}  // namespace millrace
