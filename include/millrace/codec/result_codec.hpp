// SPDX-License-Identifier: Apache-2.0
// A Result as bytes, as it travels from a worker to rank 0 and into the writer's queue.
#pragma once

#include <span>

#include "millrace/base/bytes.hpp"
#include "millrace/frame/result.hpp"

namespace millrace {

// Appends it to `out`, from a multiple of 8 bytes on.
void encode_result(const Result& result, int threads, Bytes& out);
struct ResultHead {
  std::uint64_t sequence = 0;
  double service_s = 0;
};
// Of an encoded result. Throws std::out_of_range where there is none.
ResultHead decode_head(std::span<const std::byte> bytes);
// `schema` is that of the results (the chain's last stage). Throws std::out_of_range on damaged bytes.
Result decode_result(std::span<const std::byte> bytes, const Schema& schema);
// Decodes the first of the results that stand one behind the other, and returns the bytes behind it.
// `result`: an empty one, or one of the same schema, whose memory is used again; columns beyond the schema's
// go.
std::span<const std::byte> decode_next_result(std::span<const std::byte> bytes, const Schema& schema,
                                              Result& result);

}  // namespace millrace
