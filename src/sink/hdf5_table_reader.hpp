// SPDX-License-Identifier: Apache-2.0
// Reads what Hdf5TableWriter wrote.
#pragma once

#include <cstdint>
#include <vector>

#include "millrace/base/parallel_blocks.hpp"
#include "millrace/frame/frame.hpp"
#include "sink/hdf5_handle.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

class Hdf5TableReader {
 public:
  // Throws Error (failed) if a data set is missing, has another type, or not the same rows as the others.
  Hdf5TableReader(hid_t group, const TableLayout& layout);

  std::uint64_t rows() const { return rows_; }
  bool has_validity_set(std::size_t column) const { return static_cast<bool>(sets_[column].valid); }
  // Rows [first, first + count), which must be there. Codes as stored, without labels; row_index counts from
  // 0.
  Frame read(std::uint64_t first, std::size_t count) const;

 private:
  struct Sets {
    Hdf5Dataset values, valid;
  };
  void read_column(std::size_t column, RowRange range, Column& into) const;

  TableLayout layout_;
  std::vector<Sets> sets_;
  std::uint64_t rows_ = 0;
};

}  // namespace millrace
