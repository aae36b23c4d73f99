// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/memory_bound.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "run/dispatch.hpp"
#include "run/journalled_source.hpp"
#include "run/quarantine_source.hpp"

namespace millrace {
namespace {

// Where it lies in its message, and where it came from.
constexpr auto bytes_beside_a_row = sizeof(RowPlace) + sizeof(Extent) + sizeof(Origin);

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

MemoryBound memory_bound(const PreparedRun& prepared, std::uint64_t sink) {
  const auto& project = prepared.project;
  const auto row = static_cast<std::uint64_t>(prepared.source->decode_options().max_row_bytes);
  const auto buffer = static_cast<std::uint64_t>(project.buffer_bytes);
  const auto payload = prepared.live == nullptr ? 0 : prepared.live->largest_payload_bytes();
  const auto rows = static_cast<std::uint64_t>(project.buffering_factor);
  const auto message = std::min(prepared.live == nullptr ? buffer + row : std::max(buffer, payload),
                                rows * std::max(row, payload)) +
                       rows * bytes_beside_a_row + sizeof(CutMessage);
  MemoryBound bound;
  const auto bundle = Dispatch::bundle_bytes + message;
  bound.messages = Dispatch::most_held_bytes + bundle;
  bound.sink = sink;
  bound.feeder = bound.messages + message + row + sink;  // with the copy of one that joins a bundle
  if (rank_0_works_along(prepared))
    bound.feeder += 3 * std::min<std::uint64_t>(bundle, Dispatch::most_own_bytes);
  if (prepared.requeue != nullptr) bound.feeder += prepared.requeue->most_held_bytes();
  if (prepared.live != nullptr) bound.feeder += prepared.live->most_held_bytes();
  const auto threads = static_cast<std::uint64_t>(project.threads_per_worker);
  const auto in_flight = std::min((Dispatch::credits(threads) + 1) * bundle, bound.messages);
  // With its results, and a message read from its files and a frame that each thread keeps.
  bound.worker = 2 * in_flight + 2 * threads * message;
  return bound;
}

std::string memory_text(const MemoryBound& bound) {
  return fmt::format("rank 0 {} (messages and results {}, sink {}), each worker {}", megabytes(bound.feeder),
                     megabytes(bound.messages), megabytes(bound.sink), megabytes(bound.worker));
}

}  // namespace millrace
