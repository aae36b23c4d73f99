// SPDX-License-Identifier: Apache-2.0
// What a worker does to one message: read its extents, decode, chain, encode.
#pragma once

#include <optional>

#include "millrace/codec/row_decoder.hpp"
#include "millrace/task/chain.hpp"
#include "run/extent_reader.hpp"
#include "run/set_up.hpp"

namespace millrace {

class MessageProcessor {
 public:
  MessageProcessor(const SetUp& set_up, int rank);
  // Valid until the next call, which reuses its memory. stages[0] is prepare.
  const Result& process(const Bytes& block, int threads);
  // The same, encoded.
  Bytes compute(const Bytes& block, int threads);
  const Schema& schema_after() const { return chain_.schema_after(); }
  // Of compute(): seconds of all its threads, and how many messages.
  double busy_s() const { return busy_s_; }
  std::uint64_t messages() const { return messages_; }

 private:
  ExtentReader reader_;
  std::unique_ptr<RowDecoder> decoder_;
  Chain chain_;
  bool keep_fits_;
  int rank_;
  Result result_;
  double busy_s_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace millrace
