// SPDX-License-Identifier: Apache-2.0
// Random frames with every type of column, gaps, ties, repeated rows and now and then a hostile column.
#pragma once

#include <random>

#include "millrace/frame/frame.hpp"

namespace millrace::test {

Frame random_frame(std::mt19937_64& random, std::size_t rows);
// A random chain of tasks with random options that fit the frame, as frame_stream.hpp reads it.
std::string random_chain(std::mt19937_64& random);

}  // namespace millrace::test
