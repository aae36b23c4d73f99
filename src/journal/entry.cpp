// SPDX-License-Identifier: Apache-2.0
#include "journal/entry.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "millrace/codec/chunk_codec.hpp"

namespace millrace {
namespace {

constexpr std::array<std::byte, 4> marker{std::byte{0xA7}, std::byte{'M'}, std::byte{'R'}, std::byte{'J'}};
constexpr std::size_t longest_body = (1u << 28) + (1u << 17);
constexpr std::size_t checked_head_bytes = 16;
enum EntryKind : std::uint8_t { payload_kind = 1, boundary_kind, session_kind, window_kind };

std::uint64_t head_check(std::span<const std::byte> head, SegmentNumber segment) {
  return crc64(crc64(0, std::as_bytes(std::span(&segment, 1))), head.first(checked_head_bytes));
}

void encode_body(const PayloadEntry& entry, ByteWriter& out) {
  const auto& delivery = entry.delivery;
  out.value(payload_kind);
  out.value(static_cast<std::uint8_t>(delivery.qos | (delivery.is_duplicate ? 4 : 0) |
                                      (delivery.is_retained ? 8 : 0)));
  out.value(delivery.packet_id);
  out.value(static_cast<std::uint32_t>(delivery.topic.size()));
  out.value(entry.number);
  out.value(entry.hash);
  out.value(delivery.arrival_unix_s);
  out.raw(delivery.topic.data(), delivery.topic.size());
  out.raw(delivery.payload.data(), delivery.payload.size());
}

void encode_body(const JournalBoundary& boundary, ByteWriter& out) {
  out.value(std::uint64_t{boundary_kind});
  out.value(boundary.sequence);
  out.value(boundary.behind.payload);
  out.value(boundary.payloads);
  out.value(boundary.rows);
}

void encode_body(const SessionEntry&, ByteWriter& out) {
  out.value(session_kind);
}

void encode_body(const WindowEntry& window, ByteWriter& out) {
  out.value(window_kind);
  for (const auto& item : window.items) {
    out.value(item.packet_id);
    out.value(item.age);
    out.value(item.hash);
  }
}

std::string_view text_of(ByteReader& in, std::size_t size) {
  return {reinterpret_cast<const char*>(in.take(size)), size};
}

std::optional<Entry> decode_payload(ByteReader& in) {
  PayloadEntry entry;
  auto& delivery = entry.delivery;
  const auto flags = in.value<std::uint8_t>();
  delivery.qos = flags & 3;
  delivery.is_duplicate = (flags & 4) != 0;
  delivery.is_retained = (flags & 8) != 0;
  delivery.packet_id = in.value<std::uint16_t>();
  const auto topic_bytes = in.value<std::uint32_t>();
  entry.number = in.value<std::uint64_t>();
  entry.hash = in.value<std::uint64_t>();
  delivery.arrival_unix_s = in.value<double>();
  delivery.topic = text_of(in, topic_bytes);
  delivery.payload = text_of(in, in.left());
  if (flags > 15 || delivery.qos == 3) return std::nullopt;
  return entry;
}

std::optional<Entry> decode_boundary(ByteReader& in) {
  in.take(7);
  JournalBoundary boundary;
  boundary.sequence = in.value<std::uint64_t>();
  boundary.behind.payload = in.value<std::uint64_t>();
  boundary.payloads = in.value<std::uint64_t>();
  boundary.rows = in.value<std::uint64_t>();
  if (in.left() != 0 || boundary.payloads == 0) return std::nullopt;
  return boundary;
}

std::optional<Entry> decode_window(ByteReader& in) {
  WindowEntry window;
  while (in.left() > 0) {
    WindowItem item{};
    item.packet_id = in.value<std::uint16_t>();
    item.age = in.value<std::uint16_t>();
    item.hash = in.value<std::uint64_t>();
    window.items.push_back(item);
  }
  return window;
}

std::optional<Entry> decode_kind(ByteReader& in) {
  switch (in.value<std::uint8_t>()) {
    case payload_kind:
      return decode_payload(in);
    case boundary_kind:
      return decode_boundary(in);
    case session_kind:
      return in.left() == 0 ? std::optional<Entry>(SessionEntry{}) : std::nullopt;
    case window_kind:
      return decode_window(in);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::size_t payload_entry_bytes(const Delivery& delivery) {
  return entry_head_bytes + payload_fields_bytes + delivery.topic.size() + delivery.payload.size();
}

std::uint64_t payload_hash(std::string_view payload) {
  return crc64(0, std::as_bytes(std::span(payload)));
}

void encode_entry(const Entry& entry, SegmentNumber segment, Bytes& out) {
  const auto begin = out.size();
  ByteWriter writer(out);
  writer.value(marker);
  out.resize(begin + entry_head_bytes);
  std::visit([&](const auto& kind) { encode_body(kind, writer); }, entry);
  const auto body = std::span(out).subspan(begin + entry_head_bytes);
  const EntryHead head{static_cast<std::uint32_t>(body.size()), crc64(0, body)};
  auto* place = out.data() + begin;
  std::memcpy(place + 4, &head.bytes, sizeof head.bytes);
  std::memcpy(place + 8, &head.crc, sizeof head.crc);
  const auto check = head_check({place, checked_head_bytes}, segment);
  std::memcpy(place + checked_head_bytes, &check, sizeof check);
}

std::optional<EntryHead> decode_head(std::span<const std::byte> bytes, SegmentNumber segment) {
  if (!std::equal(marker.begin(), marker.end(), bytes.begin())) return std::nullopt;
  ByteReader in(bytes.subspan(marker.size()));
  EntryHead head;
  head.bytes = in.value<std::uint32_t>();
  head.crc = in.value<std::uint64_t>();
  if (head.bytes > longest_body || in.value<std::uint64_t>() != head_check(bytes, segment))
    return std::nullopt;
  return head;
}

std::optional<Entry> decode_body(const EntryHead& head, std::span<const std::byte> body) {
  if (crc64(0, body) != head.crc) return std::nullopt;
  ByteReader in(body);
  try {
    return decode_kind(in);
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

std::size_t find_marker(std::span<const std::byte> bytes) {
  const auto* const end = bytes.data() + bytes.size();
  for (const auto* at = bytes.data(); at < end; ++at) {
    at = static_cast<const std::byte*>(std::memchr(at, static_cast<int>(marker[0]), end - at));
    if (at == nullptr) break;
    const auto there = std::min<std::size_t>(marker.size(), end - at);
    if (std::equal(at, at + there, marker.begin())) return at - bytes.data();
  }
  return bytes.size();
}

}  // namespace millrace
