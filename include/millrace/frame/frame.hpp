// SPDX-License-Identifier: Apache-2.0
// Frame: columns of equal length made of one message. Every row carries its index in that message through all
// tasks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "millrace/frame/column.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

struct Frame {
  std::vector<Column> columns;
  std::vector<std::uint32_t> row_index;  // ascending; its size is the number of rows

  Frame() = default;
  explicit Frame(const Schema& schema);  // no rows

  std::size_t rows() const { return row_index.size(); }
  Schema schema() const;
  // Keeps the rows listed in ascending order, in every column.
  void keep_rows(const std::vector<std::uint32_t>& rows);
};

// Same schema, row indices and values; NaN equals NaN, texts are compared decoded. For tests.
bool equal(const Frame& a, const Frame& b);

}  // namespace millrace
