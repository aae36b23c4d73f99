// SPDX-License-Identifier: Apache-2.0
// Reading .gz (all members) and .zst (all frames) as a stream of plain bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace millrace {

enum class Compression { none, gzip, zstd };
// By the first bytes of a file: 1f 8b, or 28 b5 2f fd.
Compression compression_of(std::span<const std::byte> first_bytes);

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  struct Progress {
    std::size_t consumed, produced;
  };
  // Damaged input throws Error (failed).
  virtual Progress step(std::span<const std::byte> in, std::span<std::byte> out) = 0;
  // Is the input complete (it ended behind a whole member or frame)?
  virtual bool at_end() const = 0;
};

std::unique_ptr<Decompressor> make_decompressor(Compression compression);

}  // namespace millrace
