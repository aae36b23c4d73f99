// SPDX-License-Identifier: Apache-2.0
// The plain bytes of one input file (.gz and .zst decompressed, by their first bytes) or of standard input.
#pragma once

#include <memory>
#include <string>

#include "millrace/base/files.hpp"
#include "millrace/codec/decompressor.hpp"

namespace millrace {

// What looking ahead has taken from standard input, so that it can be read again.
struct StandardInput {
  std::string taken;
  bool recording = true;
};

class PartStream {
 public:
  // "-" is standard input, from its beginning as long as `standard_input` records.
  explicit PartStream(const std::string& name, std::shared_ptr<StandardInput> standard_input);
  // At most `size` bytes; 0 at the end. Throws Error (failed) with the name for input that is damaged or cut
  // off.
  std::size_t read(char* into, std::size_t size);
  // Does read() give the bytes of a file as they lie in it?
  bool is_plain_file() const { return file_ && !decompressor_; }
  // Goes on `offset` plain bytes behind the beginning: a seek, or reading over them.
  void skip(std::uint64_t offset);

 private:
  std::size_t read_standard_input(char* into, std::size_t size);
  std::size_t read_compressed(char* into, std::size_t size);

  std::string name_;
  File file_;  // none: standard input
  std::unique_ptr<Decompressor> decompressor_;
  Bytes compressed_;
  std::size_t begin_ = 0, end_ = 0;
  bool input_ended_ = false;
  std::shared_ptr<StandardInput> standard_input_;
  std::size_t replayed_ = 0;
};

Compression compression_of_file(const std::string& name);

}  // namespace millrace
