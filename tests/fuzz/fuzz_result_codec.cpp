// SPDX-License-Identifier: Apache-2.0
// Any bytes as a result: refused, or a result that encodes and decodes to itself.
#include <cstdlib>
#include <stdexcept>

#include "millrace/codec/result_codec.hpp"

using namespace millrace;

namespace {

const Schema schema{{{"a", Type::float64},
                     {"t", Type::text},
                     {"f", Type::boolean},
                     {"i", Type::int64},
                     {"x", Type::text, "", Role::value, TextEncoding::fixed, 4}}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data),
                    reinterpret_cast<const std::byte*>(data) + size);
  try {
    const auto result = decode_result(bytes, schema);
    Bytes again;
    encode_result(result, 1, again);
    if (!equal(decode_result(again, schema).frame, result.frame)) std::abort();
  } catch (const std::out_of_range&) {
    return 0;
  }
  return 0;
}
