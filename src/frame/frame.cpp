// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/frame.hpp"

namespace millrace {

Frame::Frame(const Schema& schema) {
  for (const auto& info : schema.columns) {
    auto& column = columns.emplace_back(info);
    if (info.type == Type::text && info.encoding == TextEncoding::codes) column.labels.emplace_back();
  }
}

Schema Frame::schema() const {
  Schema schema;
  for (const auto& column : columns) schema.columns.push_back(column.info);
  return schema;
}

void Frame::keep_rows(const std::vector<std::uint32_t>& rows) {
  if (rows.size() == row_index.size()) return;
  for (auto& column : columns) column.keep_rows(rows);
  for (std::size_t row = 0; row < rows.size(); ++row) row_index[row] = row_index[rows[row]];
  row_index.resize(rows.size());
}

namespace {

bool equal_values(const Column& a, const Column& b, std::size_t row) {
  if (a.is_missing(row) || b.is_missing(row)) return a.is_missing(row) && b.is_missing(row);
  switch (a.info.type) {
    case Type::float64:
      return a.f64[row] == b.f64[row];
    case Type::int64:
    case Type::time:
      return a.i64[row] == b.i64[row];
    case Type::boolean:
      return a.u8[row] == b.u8[row];
    case Type::text:
      return a.text(row) == b.text(row);
  }
  return false;
}

}  // namespace

bool equal(const Frame& a, const Frame& b) {
  if (a.schema() != b.schema() || a.row_index != b.row_index) return false;
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    for (std::size_t row = 0; row < a.rows(); ++row)
      if (!equal_values(a.columns[column], b.columns[column], row)) return false;
  return true;
}

}  // namespace millrace
