// SPDX-License-Identifier: Apache-2.0
// The fast way to read JSON rows: rows of one source look alike, so the bytes between two values (comma, key,
// colon, blanks) are compared with those of the rows before instead of being parsed. It either decodes a row,
// with the meaning that JsonReader gives it, or leaves it to the general way: on other orders of keys,
// escapes, nesting, repeated keys, and on every row that is to be refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "block_columns.hpp"
#include "row_parser.hpp"

namespace millrace {

class JsonTemplate {
 public:
  JsonTemplate(Schema schema, const NameIndex& names);

  // The bytes of a row, row_padding readable ones behind them. False: not decoded; labels may have been
  // added.
  bool decode(std::string_view bytes, BlockColumns& columns, std::size_t at, UnknownKeys& unknown);

 private:
  enum class Kind : std::uint8_t { float64, int64, time, boolean, codes, fixed, unknown, end };
  // A value and the bytes before it; the last slot is the end of the row.
  struct Slot {
    char prefix[32];      // its first bytes
    double* f64;          // float64: the column's values
    std::uint32_t mask;   // which bytes of the prefix count
    std::uint32_t size;   // of the whole prefix
    std::int32_t column;  // -1: none
    Kind kind;
    bool opens;  // the prefix has the row's opening bracket
  };
  // What is rarely looked at.
  struct SlotKey {
    std::string prefix, key;
    std::uint64_t named_in = 0;  // generation of the unknown keys that have the name
  };
  struct Row {
    const char* begin;
    const char* end;
    BlockColumns& columns;
    std::size_t at;
  };

  void attach(const BlockColumns& columns);
  bool matches(const Slot& slot, const char* place, const char* end) const;
  bool find_slot(const Row& row, const char* place, const Slot*& slot);
  bool learn_key(const Row& row, const char* place, std::size_t slot);
  bool learn_end(const Row& row, const char* place);
  bool insert_key(std::size_t slot, std::string_view prefix, std::string_view key);
  void set_end(std::string_view prefix);
  static Slot slot_of(std::string_view prefix);
  static Kind kind_of(const ColumnInfo& info);
  bool is_known(int column, std::string_view key) const;
  void forget();
  bool refuse_order();

  // Behind the value, or the row's end where the general way has to look at it.
  const char* read(const Slot& slot, const char* place, const Row& row);
  const char* read_text(const Slot& slot, const char* place, const Row& row) const;
  const char* read_time(const Slot& slot, const char* place, const Row& row) const;
  const char* read_missing(const Slot& slot, const char* place, const Row& row) const;
  void set_missing(const Row& row, std::size_t from, std::size_t to) const;
  bool finish(const Row& row, UnknownKeys& unknown);

  const Schema schema_;
  const NameIndex& names_;
  std::vector<Slot> slots_;
  std::vector<SlotKey> keys_;                // beside slots_
  std::vector<std::uint32_t> absent_;        // columns without a slot
  std::vector<std::uint32_t> unknown_seen_;  // slots of this row whose key is not in the schema
  std::uint64_t attached_ = 0;               // to which attachment of columns the slots' pointers belong
  int misfits_ = 0;                          // rows in a row with another order of keys
};

}  // namespace millrace
