// SPDX-License-Identifier: Apache-2.0
// Column: the values of one column of a frame. Which of the arrays is in use follows from the ColumnInfo.
//
//   float64        f64[row]; missing is NaN
//   int64, time    i64[row]; missing where valid[row] == 0, the value is then 0
//   boolean        u8[row] (0 or 1); missing where valid[row] == 0, the value is then 0
//   text, codes    codes[row] into labels; code 0 is missing and labels[0] is ""; labels are in order of
//   first
//                  appearance in the frame and may hold entries that no row uses (rows were dropped)
//   text, fixed    fixed[row * width ...]; missing where valid[row] == 0, the bytes are then zero
//
// An empty `valid` means that no value is missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/bytes.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

struct Column {
  ColumnInfo info;
  RawVector<double> f64;
  RawVector<std::int64_t> i64;
  RawVector<std::uint8_t> u8;
  RawVector<std::int32_t> codes;
  std::vector<std::string> labels;
  RawVector<char> fixed;
  RawVector<std::uint8_t> valid;  // one byte a row

  explicit Column(ColumnInfo column_info = {}) : info(std::move(column_info)) {}

  void resize(std::size_t rows);  // values unwritten; `valid` only if it is in use
  bool is_missing(std::size_t row) const;
  std::string_view text(std::size_t row) const;  // text columns; "" for missing
  // Keeps the rows listed in ascending order.
  void keep_rows(const std::vector<std::uint32_t>& rows);
};

}  // namespace millrace
