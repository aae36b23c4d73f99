// SPDX-License-Identifier: Apache-2.0
// The digest of a result: one SHA-256 over schema, rows and message boundaries, whatever the layout. Its
// bytes stand in FORMAT.md.
#pragma once

#include <cstddef>
#include <string>

#include "millrace/base/checksum.hpp"
#include "millrace/frame/frame.hpp"
#include "sink/manifest_state.hpp"

namespace millrace {

class ResultDigest {
 public:
  // Rows are added in blocks of this many, the last one shorter; then the messages, in any blocks.
  static constexpr std::size_t block_rows = 65536;

  explicit ResultDigest(const Schema& stored);
  // `frame` holds labels for its codes.
  void add_rows(const Frame& frame);
  // Of provenance_layout().
  void add_messages(const Frame& messages);
  std::string hex() { return hash_.hex(); }

 private:
  void add_column(const Column& column, std::size_t rows);

  Sha256 hash_;
  Bytes buffer_;
};

}  // namespace millrace
