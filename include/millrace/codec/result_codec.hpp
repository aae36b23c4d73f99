// SPDX-License-Identifier: Apache-2.0
// A Result as bytes, as it travels from a worker to rank 0 and into the writer's queue.
#pragma once

#include <span>

#include "millrace/base/bytes.hpp"
#include "millrace/frame/result.hpp"

namespace millrace {

void encode_result(const Result& result, int threads, Bytes& out);
// Of the message that an encoded result belongs to. Throws std::out_of_range where there is no result.
std::uint64_t sequence_of_result(std::span<const std::byte> bytes);
// `schema` is that of the results (the chain's last stage). Throws std::out_of_range on damaged bytes.
Result decode_result(std::span<const std::byte> bytes, const Schema& schema);

}  // namespace millrace
