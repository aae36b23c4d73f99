// SPDX-License-Identifier: Apache-2.0
// Checksums: SHA-256 for identity, CRC-32 (that of zlib and gzip) for torn or damaged bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace millrace {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::span<const std::byte> bytes);
  std::string hex();  // 64 lower-case digits; ends the computation

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace millrace
