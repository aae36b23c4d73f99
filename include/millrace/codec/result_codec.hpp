// SPDX-License-Identifier: Apache-2.0
// A Result as bytes, as it travels from a worker to rank 0 and into the writer's queue.
#pragma once

#include <span>

#include "millrace/base/bytes.hpp"
#include "millrace/frame/result.hpp"

namespace millrace {

void encode_result(const Result& result, int threads, Bytes& out);
struct ResultHead {
  std::uint64_t sequence = 0;
  double service_s = 0;
};
// Of an encoded result. Throws std::out_of_range where there is none.
ResultHead decode_head(std::span<const std::byte> bytes);
// `schema` is that of the results (the chain's last stage). Throws std::out_of_range on damaged bytes.
Result decode_result(std::span<const std::byte> bytes, const Schema& schema);

}  // namespace millrace
