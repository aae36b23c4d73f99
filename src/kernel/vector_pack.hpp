// SPDX-License-Identifier: Apache-2.0
// As many doubles as one instruction of a vector path takes.
#pragma once

#include "kernel/vector_table.hpp"

#define MILLRACE_INLINE inline __attribute__((always_inline))

namespace millrace::MILLRACE_VECTOR_PATH {
namespace {

constexpr std::size_t width = MILLRACE_VECTOR_BYTES / sizeof(double);

using Pack __attribute__((vector_size(MILLRACE_VECTOR_BYTES))) = double;
using Mask __attribute__((vector_size(MILLRACE_VECTOR_BYTES))) = std::int64_t;
using Bits __attribute__((vector_size(MILLRACE_VECTOR_BYTES))) = std::uint64_t;

MILLRACE_INLINE Pack loaded(const double* from) {
  Pack pack;
  __builtin_memcpy(&pack, from, sizeof pack);
  return pack;
}

}  // namespace
}  // namespace millrace::MILLRACE_VECTOR_PATH
