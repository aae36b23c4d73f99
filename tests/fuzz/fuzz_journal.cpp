// SPDX-License-Identifier: Apache-2.0
// Any bytes as a segment of a journal, by the cursor in pieces of every size and by looking at every byte for
// an entry: both find the same ones. What is found encodes to the bytes it was read from, and a whole entry
// behind rubbish is found.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "journal/entry_cursor.hpp"

using namespace millrace;

namespace {

constexpr SegmentNumber segment = 0;  // whose heads a fuzzer can copy

struct Found {
  std::uint64_t begin, end;
  bool operator==(const Found&) const = default;
};

void check_encoding(const Entry& entry, std::span<const std::byte> from) {
  Bytes again;
  encode_entry(entry, segment, again);
  const bool has_free_bytes = std::holds_alternative<JournalBoundary>(entry);  // seven that are not looked at
  if (again.size() != from.size()) std::abort();
  if (!has_free_bytes && !std::equal(again.begin(), again.end(), from.begin())) std::abort();
}

// As FORMAT.md says: behind a whole head, reading goes on behind its body; elsewhere at the next byte.
std::vector<Found> find_simply(std::span<const std::byte> bytes) {
  std::vector<Found> found;
  for (std::size_t at = 0; bytes.size() - at >= entry_head_bytes;) {
    const auto head = decode_head(bytes.subspan(at), segment);
    if (!head) {
      ++at;
      continue;
    }
    const auto end = at + entry_head_bytes + head->bytes;
    if (end > bytes.size()) break;
    if (decode_body(*head, bytes.subspan(at + entry_head_bytes, head->bytes))) found.push_back({at, end});
    at = end;
  }
  return found;
}

std::vector<Found> find_by_cursor(std::span<const std::byte> bytes, std::size_t piece) {
  std::size_t fed = 0;
  EntryCursor cursor(
      [&](void* into, std::size_t size) {
        const auto count = std::min({size, piece, bytes.size() - fed});
        if (count > 0) std::memcpy(into, bytes.data() + fed, count);
        fed += count;
        return count;
      },
      segment, 0);
  std::vector<Found> found;
  std::uint64_t before = 0;
  while (const auto* entry = cursor.next()) {
    auto begin = before;
    for (const auto& range : cursor.take_damage()) {
      if (range.begin != before || range.end <= range.begin) std::abort();
      begin = range.end;
    }
    check_encoding(*entry, bytes.subspan(begin, cursor.offset() - begin));
    found.push_back({begin, cursor.offset()});
    before = cursor.offset();
  }
  return found;
}

// Entries made from the input, between stretches of it: so that a fuzzer need not guess checksums.
Bytes mixed(std::span<const std::byte> bytes) {
  Bytes out;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = std::min<std::size_t>(static_cast<std::size_t>(bytes[at]) % 40 + 1, bytes.size() - at);
    const auto piece = bytes.subspan(at, size);
    const std::string_view text(reinterpret_cast<const char*>(piece.data()), piece.size());
    if (static_cast<unsigned>(bytes[at]) % 3 == 0)
      encode_entry(PayloadEntry{{.packet_id = 1, .qos = 1, .topic = "t", .payload = text}, at, 0}, segment,
                   out);
    else if (static_cast<unsigned>(bytes[at]) % 3 == 1)
      ByteWriter(out).raw(piece.data(), piece.size());
    else if (!out.empty())
      out[static_cast<std::size_t>(bytes[at]) * 131 % out.size()] ^= piece.back();
    at += size;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes plain(reinterpret_cast<const std::byte*>(data),
                    reinterpret_cast<const std::byte*>(data) + size);
  for (const auto& bytes : {plain, mixed(plain)}) {
    const auto expected = find_simply(bytes);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size() + 1})
      if (find_by_cursor(bytes, piece) != expected) std::abort();
  }
  return 0;
}
