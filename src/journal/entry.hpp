// SPDX-License-Identifier: Apache-2.0
// Entries as bytes; the format stands in FORMAT.md beside this.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "journal/delivery_window.hpp"
#include "millrace/base/bytes.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

constexpr std::size_t entry_head_bytes = 24, payload_fields_bytes = 32;
constexpr std::size_t boundary_entry_bytes = entry_head_bytes + 40,
                      session_entry_bytes = entry_head_bytes + 1;
constexpr std::size_t longest_payload = 1u << 28, longest_topic = (1u << 16) - 1;  // MQTT's own bounds

// Numbers, or lengths, of things in the journal; each a name for the same type.
using SegmentNumber = std::uint64_t;  // the number of the first payload that it may hold

struct PayloadEntry {
  Delivery delivery;  // views into the bytes it was read from
  std::uint64_t number = 0, hash = 0;
};
struct SessionEntry {};
struct WindowEntry {
  std::vector<WindowItem> items;
};
using Entry = std::variant<PayloadEntry, JournalBoundary, SessionEntry, WindowEntry>;

std::size_t payload_entry_bytes(const Delivery& delivery);
constexpr std::size_t window_entry_bytes(std::size_t items) {
  return entry_head_bytes + 1 + items * 12;
}
std::uint64_t payload_hash(std::string_view payload);

// Appends to `out`, which is to be written to the segment of that number.
void encode_entry(const Entry& entry, SegmentNumber segment, Bytes& out);

struct EntryHead {
  std::uint32_t bytes = 0;  // of the body
  std::uint64_t crc = 0;    // of the body
};
// Of at least entry_head_bytes; empty if they are no head of this segment.
std::optional<EntryHead> decode_head(std::span<const std::byte> bytes, SegmentNumber segment);
// Empty if the body is not what the head says, or no entry.
std::optional<Entry> decode_body(const EntryHead& head, std::span<const std::byte> body);
// The first place of `bytes` where a head may begin, or its beginning at the end; bytes.size() if none.
std::size_t find_marker(std::span<const std::byte> bytes);

}  // namespace millrace
