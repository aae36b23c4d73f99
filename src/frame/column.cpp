// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/column.hpp"

#include <cmath>
#include <cstring>

namespace millrace {
namespace {

template <class T>
void gather(RawVector<T>& values, const std::vector<std::uint32_t>& rows) {
  if (values.empty()) return;
  for (std::size_t row = 0; row < rows.size(); ++row) values[row] = values[rows[row]];
  values.resize(rows.size());
}

}  // namespace

void Column::resize(std::size_t rows) {
  switch (info.type) {
    case Type::float64:
      f64.resize(rows);
      break;
    case Type::int64:
    case Type::time:
      i64.resize(rows);
      break;
    case Type::boolean:
      u8.resize(rows);
      break;
    case Type::text:
      if (info.encoding == TextEncoding::codes)
        codes.resize(rows);
      else
        fixed.resize(rows * info.width);
      break;
  }
  if (!valid.empty()) valid.resize(rows);
}

bool Column::is_missing(std::size_t row) const {
  if (info.type == Type::float64) return std::isnan(f64[row]);
  if (info.type == Type::text && info.encoding == TextEncoding::codes) return codes[row] == 0;
  return !valid.empty() && valid[row] == 0;
}

std::string_view Column::text(std::size_t row) const {
  if (info.encoding == TextEncoding::codes) return codes[row] == 0 ? std::string_view() : labels[codes[row]];
  const auto* begin = fixed.data() + row * info.width;
  return {begin, ::strnlen(begin, info.width)};
}

void Column::keep_rows(const std::vector<std::uint32_t>& rows) {
  gather(f64, rows);
  gather(i64, rows);
  gather(u8, rows);
  gather(codes, rows);
  gather(valid, rows);
  if (fixed.empty()) return;
  for (std::size_t row = 0; row < rows.size(); ++row)
    std::memmove(fixed.data() + row * info.width, fixed.data() + rows[row] * info.width, info.width);
  fixed.resize(rows.size() * info.width);
}

}  // namespace millrace
