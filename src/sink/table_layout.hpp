// SPDX-License-Identifier: Apache-2.0
// How a schema lies in a group of an HDF5 file: the names of its data sets and its dimension.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "millrace/frame/schema.hpp"

namespace millrace {

struct ColumnNames {
  std::string values, valid, labels;  // data sets; valid and labels are not always there
};

struct TableLayout {
  Schema schema;
  std::vector<ColumnNames> names;
  std::string dimension;  // name of the dimension scale
  std::optional<std::size_t>
      dimension_column;  // whose values the scale holds; empty: a dimension without values
};

// The result columns, and `source_row` behind them if it is stored.
Schema stored_schema(const Schema& results, bool source_row);
// Dimension: the first column of type time; else `row`.
TableLayout results_layout(const Schema& stored);
// One row a message.
const TableLayout& provenance_layout();
enum class Provenance : std::size_t {
  sequence,
  rows_in,
  rows_out,
  rows_rejected,
  first_row,
  first_arrival,
  last_arrival,
  service_s,
  worker
};

std::size_t element_bytes(const ColumnInfo& info);
bool has_validity(const ColumnInfo& info);  // can it have a `<column>_valid` data set?
bool has_labels(const ColumnInfo& info);
std::size_t row_bytes(const Schema& schema);

}  // namespace millrace
