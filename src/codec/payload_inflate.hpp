// SPDX-License-Identifier: Apache-2.0
// Decompression of a payload that lies in memory as a whole, to at most so many bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "millrace/base/bytes.hpp"

namespace millrace {

constexpr std::string_view gzip_begin = "\x1F\x8B";

enum class Wrapper { gzip, zlib };

class Inflater {
 public:
  explicit Inflater(std::size_t max_bytes);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // "" or why not. gzip: of all members.
  std::string inflate(Wrapper wrapper, std::string_view packed);
  // Until the next inflate().
  std::string_view plain() const { return {plain_.data(), size_}; }

 private:
  struct Stream;

  std::string inflate_gzip(std::string_view packed);
  std::string inflate_zlib(std::string_view packed);
  std::string inflate_stream(unsigned wrapper, std::string_view name, std::string_view& packed);
  void make_room();

  std::size_t max_bytes_;
  std::unique_ptr<Stream> stream_;
  RawVector<char> plain_;  // never longer than max_bytes and one
  std::size_t size_ = 0;   // of it, in use
};

// The reason for a refusal.
std::string too_many_bytes(std::size_t max_bytes);

}  // namespace millrace
