// SPDX-License-Identifier: Apache-2.0
#include "millrace/codec/decompressor.hpp"

#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <random>
#include <vector>

#include "millrace/base/error.hpp"

using namespace millrace;

namespace {

std::string text_of(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) text += "{\"outTemp\":" + std::to_string(random() % 1000) + "}\n";
  text.resize(size);
  return text;
}

std::string gzip(const std::string& text, const char* name = nullptr) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  gz_header header{};
  header.name = reinterpret_cast<Bytef*>(const_cast<char*>(name));
  if (name != nullptr) deflateSetHeader(&stream, &header);
  std::string out(deflateBound(&stream, text.size()) + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  auto* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

struct Unpacked {
  std::string text;
  bool at_end;
};

// Gives the input in pieces, and takes the output in pieces, as a reader does.
Unpacked unpack(Compression compression, const std::string& in, std::size_t in_piece, std::size_t out_piece) {
  const auto decompressor = make_decompressor(compression);
  Unpacked result{};
  std::vector<std::byte> out(out_piece);
  std::size_t at = 0;
  for (;;) {
    const auto piece = std::as_bytes(std::span(in).subspan(at, std::min(in_piece, in.size() - at)));
    const auto progress = decompressor->step(piece, out);
    at += progress.consumed;
    result.text.append(reinterpret_cast<const char*>(out.data()), progress.produced);
    if (progress.consumed == 0 && progress.produced == 0) break;
  }
  BOOST_TEST(at == in.size());
  result.at_end = decompressor->at_end();
  return result;
}

void check(Compression compression, const std::string& in, const std::string& text) {
  for (const std::size_t in_piece : {1u, 7u, 1'000u, 1'000'000u})
    for (const std::size_t out_piece : {1u, 13u, 4'096u, 1'000'000u}) {
      const auto result = unpack(compression, in, in_piece, out_piece);
      BOOST_TEST((result.text == text), in_piece << " " << out_piece);
      BOOST_TEST(result.at_end);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_compression_is_told_by_the_first_bytes) {
  const auto of = [](const std::string& bytes) { return compression_of(std::as_bytes(std::span(bytes))); };
  BOOST_TEST((of(gzip("x")) == Compression::gzip));
  BOOST_TEST((of(zstd("x")) == Compression::zstd));
  BOOST_TEST((of("{}") == Compression::none));
  BOOST_TEST((of("\x1F") == Compression::none));
  BOOST_TEST((of("") == Compression::none));
}

BOOST_AUTO_TEST_CASE(gzip_files_of_one_and_of_many_members_are_read) {
  const auto a = text_of(50'000, 1), b = text_of(3, 2), c = text_of(20'000, 3);
  check(Compression::gzip, gzip(a), a);
  check(Compression::gzip, gzip(""), "");
  check(Compression::gzip, gzip(a, "named.jsonl") + gzip("") + gzip(b) + gzip(c), a + b + c);
  std::string many, text;
  for (unsigned member = 0; member < 200; ++member) {
    const auto part = text_of(member, member);
    many += gzip(part);
    text += part;
  }
  check(Compression::gzip, many, text);
}

BOOST_AUTO_TEST_CASE(zero_bytes_behind_a_gzip_member_are_padding) {
  check(Compression::gzip, gzip("abc") + std::string(600, '\0'), "abc");
}

BOOST_AUTO_TEST_CASE(zstd_files_of_one_and_of_many_frames_are_read) {
  const auto a = text_of(50'000, 1), b = text_of(3, 2);
  check(Compression::zstd, zstd(a), a);
  check(Compression::zstd, zstd(a) + zstd("") + zstd(b), a + b);
}

BOOST_AUTO_TEST_CASE(plain_bytes_pass) {
  check(Compression::none, "plain", "plain");
}

BOOST_AUTO_TEST_CASE(an_input_that_ends_in_the_middle_is_not_at_its_end) {
  const auto text = text_of(5'000, 1);
  for (const auto& [compression, packed] :
       {std::pair(Compression::gzip, gzip(text)), std::pair(Compression::zstd, zstd(text))})
    for (std::size_t size = 1; size < packed.size(); size += 13)
      BOOST_TEST(!unpack(compression, packed.substr(0, size), 100, 1'000).at_end);
}

BOOST_AUTO_TEST_CASE(damaged_input_is_an_error) {
  const auto text = text_of(5'000, 1);
  for (const auto& [compression, packed] :
       {std::pair(Compression::gzip, gzip(text)), std::pair(Compression::zstd, zstd(text))}) {
    auto damaged = packed;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
    BOOST_CHECK_THROW(unpack(compression, damaged, 100, 1'000), Error);
  }
  BOOST_CHECK_THROW(unpack(Compression::gzip, gzip("abc") + "trailing garbage", 1'000, 1'000), Error);
  auto wrong_checksum = gzip("abc");
  wrong_checksum[wrong_checksum.size() - 6] ^= 1;
  BOOST_CHECK_THROW(unpack(Compression::gzip, wrong_checksum, 1'000, 1'000), Error);
}
