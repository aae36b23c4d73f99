// SPDX-License-Identifier: Apache-2.0
#include "journal/tail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <string_view>

#include "millrace/base/error.hpp"

namespace millrace {

// Only ever changed by single stores, so that at every moment it says the truth to who finds it.
struct TailHead {
  std::array<char, 16> magic;
  std::uint32_t version, reserved;
  std::atomic<SegmentNumber> segment;
  std::atomic<std::uint64_t> begin, end;
};
static_assert(sizeof(TailHead) <= Tail::head_bytes && std::atomic<std::uint64_t>::is_always_lock_free);

namespace {

constexpr std::array<char, 16> magic{"millrace tail"};
constexpr std::uint32_t version = 1;
constexpr SegmentNumber none = ~SegmentNumber{0};

Path path_in(const Path& folder) {
  return folder / "tail";
}

TailHead& head_of(std::span<std::byte> bytes) {
  return *std::launder(reinterpret_cast<TailHead*>(bytes.data()));
}

// Where offsets `begin` to `end` of a segment lie in the ring.
std::array<std::span<std::byte>, 2> pieces_of(std::span<std::byte> ring, std::uint64_t begin,
                                              std::uint64_t end) {
  const auto at = begin % ring.size(), size = end - begin;
  const auto first = std::min(size, ring.size() - at);
  return {ring.subspan(at, first), ring.first(size - first)};
}

JournalFinding unusable(const Path& path, std::string_view why) {
  return {JournalFinding::Kind::damage, path, 0, Tail::head_bytes,
          fmt::format("{}: {}; what it holds is dropped", path.string(), why)};
}

bool is_empty(const TailHead& head) {
  return head.segment.load() == none || head.begin.load() == head.end.load();
}

void check_version(const TailHead& head, const Path& path) {
  if (head.version != version)
    throw Error(
        ExitCode::project_refused,
        fmt::format("{}: of version {}, and this program reads version {}: empty the journal with the "
                    "program that wrote it",
                    path.string(), head.version, version));
}

// What the file has already is right: the ring may hold later bytes there, if the machine stopped.
void write_home(std::span<std::byte> ring, std::uint64_t begin, std::uint64_t end, const Path& segment) {
  auto home = File::open(segment, File::Mode::update);
  for (const auto piece : pieces_of(ring, begin, end)) {
    home.write_all_at(piece, begin);
    begin += piece.size();
  }
  home.sync();
}

}  // namespace

Tail::Tail(const Path& folder, std::size_t capacity)
    : file_(path_in(folder), head_bytes + capacity), capacity_(capacity) {
  begin(none, 0);
  head().version = version;
  head().reserved = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  head().magic = magic;
}

TailHead& Tail::head() const {
  return head_of(file_.bytes());
}

void Tail::begin(SegmentNumber segment, std::uint64_t offset) {
  head().segment.store(none);
  head().begin.store(offset);
  head().end.store(offset);
  head().segment.store(segment);
}

bool Tail::has_room(std::size_t bytes) const {
  return head().end.load(std::memory_order_relaxed) - head().begin.load() + bytes <= capacity_;
}

void Tail::add(std::span<const std::byte> bytes) {
  const auto begin = head().end.load(std::memory_order_relaxed), end = begin + bytes.size();
  for (const auto piece : pieces_of(file_.bytes().subspan(head_bytes), begin, end)) {
    std::copy_n(bytes.begin(), piece.size(), piece.begin());
    bytes = bytes.subspan(piece.size());
  }
  head().end.store(end);
}

Tail::Held Tail::held() const {
  return held_up_to(head().end.load());
}

Tail::Held Tail::held_quarters() const {
  const auto end = head().end.load(), quarter = std::uint64_t{capacity_ / 4};
  return held_up_to(std::max(head().begin.load(), end - end % quarter));
}

Tail::Held Tail::held_up_to(std::uint64_t end) const {
  Held held{head().begin.load(), end, {}};
  const auto pieces = pieces_of(file_.bytes().subspan(head_bytes), held.begin, held.end);
  std::copy(pieces.begin(), pieces.end(), held.pieces.begin());
  return held;
}

void Tail::drop(const Held& held) {
  head().begin.store(held.end);
}

std::optional<JournalFinding> bring_home(const Path& folder) {
  const auto path = path_in(folder);
  if (!std::filesystem::is_regular_file(path)) return std::nullopt;
  auto bytes = read_file(path);
  if (bytes.size() <= Tail::head_bytes) return std::nullopt;
  const auto& head = head_of(bytes);
  if (head.magic == std::array<char, 16>{}) return std::nullopt;  // it was being created
  if (head.magic != magic) return unusable(path, "its head is damaged");
  if (is_empty(head)) return std::nullopt;
  check_version(head, path);
  const auto begin = head.begin.load(), end = head.end.load();
  const auto ring = std::span(bytes).subspan(Tail::head_bytes);
  if (begin > end || end - begin > ring.size()) return unusable(path, "its head is damaged");
  const auto segment = segment_path(folder, head.segment.load());
  std::error_code is_missing;
  const auto reaches = std::filesystem::file_size(segment, is_missing);
  if (is_missing || reaches < begin)
    return unusable(path,
                    fmt::format("{} ends before byte {}, with which it begins", segment.string(), begin));
  if (reaches < end) write_home(ring, reaches, end, segment);
  return std::nullopt;
}

void remove_tail(const Path& folder) {
  std::filesystem::remove(path_in(folder));
}

}  // namespace millrace
