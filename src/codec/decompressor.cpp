// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/decompressor.hpp"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // ISA-L counts in 32 bits

class NoDecompressor final : public Decompressor {
 public:
  Progress step(std::span<const std::byte> in, std::span<std::byte> out) override {
    const auto size = std::min(in.size(), out.size());
    std::copy_n(in.begin(), size, out.begin());
    return {size, size};
  }
  bool at_end() const override { return true; }
};

class GzipDecompressor final : public Decompressor {
 public:
  GzipDecompressor() { start_member(); }

  Progress step(std::span<const std::byte> in, std::span<std::byte> out) override {
    in = in.first(std::min(in.size(), most_at_once));
    out = out.first(std::min(out.size(), most_at_once));
    Progress done{0, 0};
    while (done.consumed < in.size() && done.produced < out.size()) {
      if (between_members_ && !begin_member(in, done)) break;
      inflate(in.subspan(done.consumed), out.subspan(done.produced), done);
    }
    if (done.consumed == in.size() && !between_members_) inflate({}, out.subspan(done.produced), done);
    return done;
  }
  bool at_end() const override { return between_members_; }

 private:
  void start_member() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    header_ = {};
    isal_gzip_header_init(&header_);
    in_header_ = true;
  }

  // Zero bytes may follow a member (padding of a medium). False: nothing else was there.
  bool begin_member(std::span<const std::byte> in, Progress& done) {
    if (behind_a_member_)
      while (done.consumed < in.size() && in[done.consumed] == std::byte{0}) ++done.consumed;
    if (done.consumed == in.size()) return false;
    start_member();
    between_members_ = false;
    return true;
  }

  // With no input: what ISA-L still holds back for want of room.
  void inflate(std::span<const std::byte> in, std::span<std::byte> out, Progress& done) {
    state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(in.data()));
    state_.avail_in = static_cast<std::uint32_t>(in.size());
    state_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    state_.avail_out = static_cast<std::uint32_t>(out.size());
    const auto result = inflate_some();
    if (result < 0 || result == ISAL_NEED_DICT) throw Error(ExitCode::failed, "damaged gzip data");
    done.consumed += in.size() - state_.avail_in;
    done.produced += out.size() - state_.avail_out;
    between_members_ = behind_a_member_ = state_.block_state == ISAL_BLOCK_FINISH;
  }

  // The header is read into one that we keep: isal_inflate's own forgets the flags of a header that comes in
  // pieces.
  int inflate_some() {
    if (in_header_) {
      const auto result = isal_read_gzip_header(&state_, &header_);
      if (result != ISAL_DECOMP_OK) return result;
      in_header_ = false;
      state_.crc_flag = ISAL_GZIP_NO_HDR_VER;
    }
    return isal_inflate(&state_);
  }

  inflate_state state_;
  isal_gzip_header header_;
  bool in_header_ = false;
  bool between_members_ = true;
  bool behind_a_member_ = false;
};

class ZstdDecompressor final : public Decompressor {
 public:
  ZstdDecompressor() : stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw Error(ExitCode::failed, "no memory to decompress zstd data");
  }
  ~ZstdDecompressor() override { ZSTD_freeDStream(stream_); }
  ZstdDecompressor(const ZstdDecompressor&) = delete;
  ZstdDecompressor& operator=(const ZstdDecompressor&) = delete;

  Progress step(std::span<const std::byte> in, std::span<std::byte> out) override {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    if (in.empty() && between_frames_) return {0, 0};
    const auto result = ZSTD_decompressStream(stream_, &output, &input);
    if (ZSTD_isError(result) != 0)
      throw Error(ExitCode::failed, std::string("damaged zstd data: ") + ZSTD_getErrorName(result));
    between_frames_ = result == 0;
    return {input.pos, output.pos};
  }
  bool at_end() const override { return between_frames_; }

 private:
  ZSTD_DStream* stream_;
  bool between_frames_ = true;
};

bool begins_with(std::span<const std::byte> bytes, std::initializer_list<int> first) {
  return bytes.size() >= first.size() &&
         std::equal(first.begin(), first.end(), bytes.begin(),
                    [](int expected, std::byte byte) { return std::to_integer<int>(byte) == expected; });
}

}  // namespace

Compression compression_of(std::span<const std::byte> first_bytes) {
  if (begins_with(first_bytes, {0x1F, 0x8B})) return Compression::gzip;
  if (begins_with(first_bytes, {0x28, 0xB5, 0x2F, 0xFD})) return Compression::zstd;
  return Compression::none;
}

std::unique_ptr<Decompressor> make_decompressor(Compression compression) {
  switch (compression) {
    case Compression::gzip:
      return std::make_unique<GzipDecompressor>();
    case Compression::zstd:
      return std::make_unique<ZstdDecompressor>();
    case Compression::none:
      break;
  }
  return std::make_unique<NoDecompressor>();
}

}  // namespace millrace
