// SPDX-License-Identifier: Apache-2.0
#include "run/message_processor.hpp"

#include <utility>

#include "millrace/base/clock.hpp"
#include "millrace/codec/result_codec.hpp"

namespace millrace {

MessageProcessor::MessageProcessor(const SetUp& set_up, std::shared_ptr<const Chain> chain, int rank)
    : reader_(set_up.parts),
      decoder_(make_row_decoder(set_up.input, set_up.decode)),
      chain_(std::move(chain)),
      keep_fits_(set_up.keep_fits),
      rank_(rank) {}

const Result& MessageProcessor::process(std::span<const std::byte> block, int threads) {
  const auto begin = system_clock().now_s();
  const MessageView message(reader_.whole(block));
  auto& result = result_;
  result.stages.clear();
  result.fits.clear();
  result.sequence = message.sequence();
  result.rows_in = message.rows();
  result.worker = rank_;
  auto outcome = decoder_->decode(message, threads, result.frame);
  result.rejects = std::move(outcome.rejects);
  result.unknown_keys = outcome.unknown_keys;
  result.new_unknown_keys = std::move(outcome.new_unknown_keys);
  result.stages.push_back({system_clock().now_s() - begin, 0});
  chain_->run(result, threads, keep_fits_);
  for (auto& reject : result.rejects) reject.bytes = message.row(reject.row);
  result.service_s = system_clock().now_s() - begin;
  return result;
}

Bytes MessageProcessor::compute(std::span<const std::byte> blocks, int threads) {
  const auto begin = system_clock().now_s();
  if (block_bytes(blocks) < blocks.size()) threads = 1;
  Bytes results;
  while (!blocks.empty()) {
    const auto size = block_bytes(blocks);
    encode_result(process(blocks.first(size), threads), threads, results);
    blocks = blocks.subspan(size);
    ++messages_;
  }
  busy_s_ += (system_clock().now_s() - begin) * threads;
  return results;
}

}  // namespace millrace
