// SPDX-License-Identifier: Apache-2.0
// The tasks once more, slow and simple, row by row and in long double, to check the real ones against.
#pragma once

#include "millrace/frame/result.hpp"
#include "millrace/task/chain.hpp"

namespace millrace::test {

void run_simply(Result& result, const std::vector<ChainStep>& steps);

}  // namespace millrace::test
