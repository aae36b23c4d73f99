// SPDX-License-Identifier: Apache-2.0
// The columns of one block of rows while it is decoded: where each column's values go, and the block's own
// text dictionaries (merged in block order afterwards, so that labels do not depend on which thread met them
// first).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/frame/frame.hpp"
#include "text_dictionary.hpp"
#include "value.hpp"

namespace millrace {

// Shared by the paths that decode a value and the loops that dispatch on it.
enum class Store : std::uint8_t { float64, int64, time, boolean, codes, fixed };

// The arrays of one column, from the block's first row on.
struct ColumnStore {
  Store store = Store::float64;
  std::uint32_t width = 0;  // fixed
  std::int64_t ticks = 1;   // time
  double* f64 = nullptr;
  std::int64_t* i64 = nullptr;
  std::uint8_t* u8 = nullptr;
  std::int32_t* codes = nullptr;
  char* fixed = nullptr;
  std::uint8_t* valid = nullptr;
};

class BlockColumns {
 public:
  BlockColumns(const Schema& schema, bool non_finite_is_missing);

  // `frame` is of the schema, and its columns are sized for the block's rows; all dictionaries are emptied.
  void attach(Frame& frame, std::size_t first_row);
  // Another number after every attach(), never 0.
  std::uint64_t attached() const { return attached_; }
  // Rows are written one after the other; a row that fails is written over by the next one.
  void begin_row() { inserted_.clear(); }
  // Takes back the labels that came with the row begun last.
  void undo_labels();

  std::size_t size() const { return stores_.size(); }
  const ColumnStore& operator[](std::size_t column) const { return stores_[column]; }
  TextDictionary& dictionary(std::size_t column) { return dictionaries_[column]; }

  void set_whole(std::size_t column, std::size_t row, std::int64_t value) const {
    stores_[column].i64[row] = value;
    stores_[column].valid[row] = 1;
  }
  void set_boolean(std::size_t column, std::size_t row, bool value) const {
    stores_[column].u8[row] = value ? 1 : 0;
    stores_[column].valid[row] = 1;
  }
  // 16 bytes from the text's beginning are readable.
  void set_code(std::size_t column, std::size_t row, std::string_view text) {
    auto& dictionary = dictionaries_[column];
    const auto labels = dictionary.labels().size();
    stores_[column].codes[row] = dictionary.code_readable(text);
    if (dictionary.labels().size() != labels) inserted_.push_back(static_cast<std::uint32_t>(column));
  }
  // False: too long, or with a zero byte inside.
  bool set_fixed(std::size_t column, std::size_t row, std::string_view text) const;
  void set_missing(std::size_t column, std::size_t row) const;

  // Fits a value to its column. False: it does not, and `reason` says why.
  bool set(std::size_t column, std::size_t row, const Value& value, std::string& reason) {
    const auto& store = stores_[column];
    if (store.store != Store::float64 || value.kind != ValueKind::number || value.error != NumberError::none)
      return set_other(column, row, value, reason);
    store.f64[row] = value.number;
    return true;
  }

 private:
  bool set_other(std::size_t column, std::size_t row, const Value& value, std::string& reason);
  bool set_number(std::size_t column, std::size_t row, const Value& value, std::string& reason) const;
  bool set_time(std::size_t column, std::size_t row, const Value& value, std::string& reason) const;
  bool set_text(std::size_t column, std::size_t row, const Value& value, std::string& reason);
  bool refuse(std::size_t column, std::string_view expected, std::string_view found,
              std::string& reason) const;

  std::vector<ColumnInfo> infos_;
  std::vector<ColumnStore> stores_;
  std::vector<TextDictionary> dictionaries_;
  std::vector<std::uint32_t> inserted_;  // columns whose dictionary the current row added to
  bool non_finite_is_missing_;
  std::uint64_t attached_ = 0;
};

}  // namespace millrace
