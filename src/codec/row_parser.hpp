// SPDX-License-Identifier: Apache-2.0
// One row's bytes into one row of a block's columns.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block_columns.hpp"
#include "millrace/codec/row_decoder.hpp"

namespace millrace {

// Bytes that can be read behind a row (their values do not matter).
inline constexpr std::size_t row_padding = 64;

// Column names to column indices.
class NameIndex {
 public:
  explicit NameIndex(const std::vector<std::string>& names) {
    for (const auto& name : names) dictionary_.code(name);
  }
  // -1: none of them.
  int find(std::string_view name) const { return dictionary_.find(name) - 1; }
  // The same where 16 bytes from the name's beginning are readable.
  int find_readable(std::string_view name) const { return dictionary_.find_readable(name) - 1; }

 private:
  TextDictionary dictionary_;
};

// Values whose key is not in the schema.
struct UnknownKeys {
  static constexpr std::size_t most_names = 16;
  std::uint64_t count = 0;
  std::vector<std::string> names = {};  // the first few, each once
  std::uint64_t generation = 1;         // another one after every clear()

  void clear();
  void add(std::string_view name);
  void add(const UnknownKeys& later);
};

// Not thread-safe: it learns from the rows that it sees (how, never what they mean).
class RowParser {
 public:
  virtual ~RowParser() = default;
  // Fills row `row` of `columns`. False: the row is refused for `reason`, and what stands in `columns` at
  // that row is not defined; `unknown` and the dictionaries are as they were.
  virtual bool parse(std::string_view bytes, BlockColumns& columns, std::size_t row, std::string& reason) = 0;
  UnknownKeys unknown;
};

enum class JsonPaths { fast_and_general, general_only };
std::unique_ptr<RowParser> make_json_row_parser(const Schema& schema, const DecodeOptions& options,
                                                JsonPaths paths);
std::unique_ptr<RowParser> make_csv_row_parser(const Schema& schema, const DecodeOptions& options);

// For the tests that hold both paths against one another.
std::unique_ptr<RowDecoder> make_row_decoder(const Schema& schema, const DecodeOptions& options,
                                             JsonPaths paths);

}  // namespace millrace
