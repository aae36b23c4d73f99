// SPDX-License-Identifier: Apache-2.0
// The kernels are compiled once for every vector width. The widest that the CPU has is used, unless the
// environment variable MILLRACE_VECTOR_PATH (plain, avx2, avx512) names another. All of them give the same
// bits: reductions have a fixed shape of 16 lanes, whatever the width, and nothing but + - * / sqrt and
// comparisons is used.
#pragma once

#include <vector>

namespace millrace {

enum class VectorPath { plain, avx2, avx512 };

const char* name_of(VectorPath path);
// Those that this build and this CPU have, narrowest first.
const std::vector<VectorPath>& vector_paths();
VectorPath vector_path();
// For tests. `path` must be one of vector_paths().
void use_vector_path(VectorPath path);

}  // namespace millrace
