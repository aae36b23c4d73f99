// SPDX-License-Identifier: Apache-2.0
#include "millrace/kernel/vector_path.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

#include "kernel/vector_table.hpp"

namespace millrace {
namespace {

constexpr const char* names[] = {"plain", "avx2", "avx512"};

const VectorTable tables[] = {{&plain::value_kernels, &plain::row_kernels},
#ifdef MILLRACE_WIDE_VECTORS
                              {&avx2::value_kernels, &avx2::row_kernels},
                              {&avx512::value_kernels, &avx512::row_kernels}
#endif
};

std::vector<VectorPath> find_paths() {
  std::vector<VectorPath> paths{VectorPath::plain};
#ifdef MILLRACE_WIDE_VECTORS
  if (__builtin_cpu_supports("avx2")) paths.push_back(VectorPath::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    paths.push_back(VectorPath::avx512);
#endif
  return paths;
}

VectorPath first_path() {
  const auto* wanted = std::getenv("MILLRACE_VECTOR_PATH");
  if (wanted != nullptr)
    for (const auto path : vector_paths())
      if (std::string_view(wanted) == name_of(path)) return path;
  return vector_paths().back();
}

std::atomic<const VectorTable*>& current() {
  static std::atomic<const VectorTable*> table{tables + static_cast<int>(first_path())};
  return table;
}

}  // namespace

const char* name_of(VectorPath path) {
  return names[static_cast<int>(path)];
}

const std::vector<VectorPath>& vector_paths() {
  static const auto paths = find_paths();
  return paths;
}

VectorPath vector_path() {
  return static_cast<VectorPath>(current().load() - tables);
}

void use_vector_path(VectorPath path) {
  current() = tables + static_cast<int>(path);
}

const VectorTable& vector_table() {
  return *current().load(std::memory_order_relaxed);
}

}  // namespace millrace
