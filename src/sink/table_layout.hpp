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
  std::string values, valid, labels, bytes;  // data sets; of the last three a column has what it needs
};

struct TableLayout {
  Schema schema;
  std::vector<ColumnNames> names;
  std::string dimension;  // name of the dimension scale
  // Whose values the scale holds; empty: a dimension without values.
  std::optional<std::size_t> dimension_column;
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
  worker,
  requeue
};

// One row a value of a fit: its message, its name, the value.
const TableLayout& fits_layout();
enum class FitColumn : std::size_t { sequence, name, value };

std::size_t element_bytes(const ColumnInfo& info);
bool has_validity(const ColumnInfo& info);  // can it have a `<column>_valid` data set?
bool has_labels(const ColumnInfo& info);
// Bytes of a row of fixed text, which lie along a second dimension; 0 for other columns. (netCDF-C 4.9 reads
// one-dimensional fixed-length texts beyond their end; rows of bytes are CF's own form, and xarray makes
// texts of them.)
std::uint32_t text_width(const ColumnInfo& info);
std::size_t row_bytes(const Schema& schema);

}  // namespace millrace
