// SPDX-License-Identifier: Apache-2.0
// What a worker must know before its first message, and how it crosses the transport. Also the workers' last
// words.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/codec/row_decoder.hpp"
#include "millrace/frame/schema.hpp"
#include "millrace/run/prepare.hpp"
#include "millrace/source/source.hpp"
#include "millrace/task/chain.hpp"
#include "millrace/transport/transport.hpp"

namespace millrace {

struct SetUp {
  Schema input = {};
  DecodeOptions decode = {};
  std::vector<ChainStep> chain = {};
  std::int32_t threads = 1;
  bool keep_fits = false;
  std::string intake_host = {};       // of a live source: a worker there gives way to it
  double heartbeat_timeout_s = 0;     // 0: rank 0 is not watched
  std::vector<InputPart> parts = {};  // names and stamps of files that messages may have extents of
};

// For all ranks of `transport`, whose rank 0 feeds the run.
SetUp set_up_of(const PreparedRun& prepared, const Transport& transport);
Bytes encode(const SetUp& set_up);
SetUp decode_set_up(std::span<const std::byte> bytes);

struct WorkerReport {
  std::int32_t rank = 0;
  std::string host;
  std::uint64_t messages = 0;
  double busy_s = 0;             // in decode, chain and encode
  std::uint64_t peak_bytes = 0;  // resident memory
};

Bytes encode(const WorkerReport& report);
WorkerReport decode_worker_report(std::span<const std::byte> bytes);

std::uint64_t peak_resident_bytes();

}  // namespace millrace
