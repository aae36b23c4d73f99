// SPDX-License-Identifier: Apache-2.0
// What a worker does to one message: read its extents, decode, chain, encode.
#pragma once

#include <memory>
#include <span>

#include "millrace/codec/row_decoder.hpp"
#include "millrace/task/chain.hpp"
#include "run/extent_reader.hpp"
#include "run/set_up.hpp"

namespace millrace {

class MessageProcessor {
 public:
  // The chain may be shared by processors on several threads.
  MessageProcessor(const SetUp& set_up, std::shared_ptr<const Chain> chain, int rank);
  // Valid until the next call, which reuses its memory. stages[0] is prepare.
  const Result& process(std::span<const std::byte> block, int threads);
  // The encoded results of all messages whose blocks these are, one behind the other. Only a message that is
  // alone is shared by threads.
  Bytes compute(std::span<const std::byte> blocks, int threads);
  const Schema& schema_after() const { return chain_->schema_after(); }
  // Of compute(): seconds of all its threads, and how many messages.
  double busy_s() const { return busy_s_; }
  std::uint64_t messages() const { return messages_; }

 private:
  ExtentReader reader_;
  std::unique_ptr<RowDecoder> decoder_;
  std::shared_ptr<const Chain> chain_;
  bool keep_fits_;
  int rank_;
  Result result_;
  double busy_s_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace millrace
