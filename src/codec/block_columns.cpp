// SPDX-License-Identifier: Apache-2.0
#include "block_columns.hpp"

#include <fmt/format.h>

#include <cstring>

#include "instant.hpp"

namespace millrace {
namespace {

Store store_of(const ColumnInfo& info) {
  switch (info.type) {
    case Type::float64:
      return Store::float64;
    case Type::int64:
      return Store::int64;
    case Type::boolean:
      return Store::boolean;
    case Type::time:
      return Store::time;
    case Type::text:
      break;
  }
  return info.encoding == TextEncoding::codes ? Store::codes : Store::fixed;
}

std::string_view name_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::missing:
      return "nothing";
    case ValueKind::number:
      return "a number";
    case ValueKind::not_finite:
      return "a number that is not finite";
    case ValueKind::truth:
      return "true";
    case ValueKind::falsehood:
      return "false";
    case ValueKind::text:
      return value.text.empty() ? "an empty text" : "a text";
    case ValueKind::object:
      return "an object";
    case ValueKind::array:
      return "an array";
  }
  return "";
}

template <class T>
T* part(RawVector<T>& values, std::size_t first) {
  return values.empty() ? nullptr : values.data() + first;
}

}  // namespace

BlockColumns::BlockColumns(const Schema& schema, bool non_finite_is_missing)
    : infos_(schema.columns),
      stores_(schema.columns.size()),
      dictionaries_(schema.columns.size()),
      non_finite_is_missing_(non_finite_is_missing) {
  for (std::size_t column = 0; column < stores_.size(); ++column) {
    stores_[column].store = store_of(infos_[column]);
    stores_[column].width = infos_[column].width;
    stores_[column].ticks = ticks_per_second(infos_[column].unit);
  }
}

void BlockColumns::attach(Frame& frame, std::size_t first_row) {
  ++attached_;
  for (std::size_t index = 0; index < stores_.size(); ++index) {
    auto& column = frame.columns[index];
    auto& store = stores_[index];
    store.f64 = part(column.f64, first_row);
    store.i64 = part(column.i64, first_row);
    store.u8 = part(column.u8, first_row);
    store.codes = part(column.codes, first_row);
    store.fixed = part(column.fixed, first_row * store.width);
    store.valid = part(column.valid, first_row);
    if (store.store == Store::codes) dictionaries_[index].clear();
  }
}

void BlockColumns::undo_labels() {
  for (const auto column : inserted_) dictionaries_[column].drop_newest();
  inserted_.clear();
}

bool BlockColumns::set_fixed(std::size_t column, std::size_t row, std::string_view text) const {
  const auto& store = stores_[column];
  if (text.size() > store.width || text.find('\0') != std::string_view::npos) return false;
  auto* place = store.fixed + row * store.width;
  std::memcpy(place, text.data(), text.size());
  std::memset(place + text.size(), 0, store.width - text.size());
  store.valid[row] = 1;
  return true;
}

void BlockColumns::set_missing(std::size_t column, std::size_t row) const {
  const auto& store = stores_[column];
  switch (store.store) {
    case Store::float64:
      store.f64[row] = std::numeric_limits<double>::quiet_NaN();
      return;
    case Store::codes:
      store.codes[row] = 0;
      return;
    case Store::int64:
    case Store::time:
      store.i64[row] = 0;
      break;
    case Store::boolean:
      store.u8[row] = 0;
      break;
    case Store::fixed:
      std::memset(store.fixed + row * store.width, 0, store.width);
      break;
  }
  store.valid[row] = 0;
}

bool BlockColumns::set_other(std::size_t column, std::size_t row, const Value& value, std::string& reason) {
  if (value.kind == ValueKind::missing) return set_missing(column, row), true;
  switch (stores_[column].store) {
    case Store::float64:
    case Store::int64:
      return set_number(column, row, value, reason);
    case Store::time:
      return set_time(column, row, value, reason);
    case Store::codes:
    case Store::fixed:
      return set_text(column, row, value, reason);
    case Store::boolean:
      break;
  }
  if (value.kind != ValueKind::truth && value.kind != ValueKind::falsehood)
    return refuse(column, "true or false", name_of(value), reason);
  set_boolean(column, row, value.kind == ValueKind::truth);
  return true;
}

bool BlockColumns::set_number(std::size_t column, std::size_t row, const Value& value,
                              std::string& reason) const {
  const bool whole = stores_[column].store == Store::int64;
  const std::string_view expected = whole ? "a whole number" : "a number";
  const bool not_finite = value.kind == ValueKind::not_finite || (!whole && value.kind == ValueKind::number &&
                                                                  value.error == NumberError::out_of_range);
  if (not_finite && non_finite_is_missing_) return set_missing(column, row), true;
  if (value.kind != ValueKind::number) return refuse(column, expected, name_of(value), reason);
  if (!whole && value.error == NumberError::out_of_range)
    return refuse(column, "a number within the range of float64", "a greater one", reason);
  std::int64_t result = 0;
  const auto error = parse_whole(value.text, result);
  if (error == NumberError::out_of_range)
    return refuse(column, "a whole number within the range of int64", "a greater one", reason);
  if (error != NumberError::none) return refuse(column, expected, "one with a fraction", reason);
  set_whole(column, row, result);
  return true;
}

bool BlockColumns::set_time(std::size_t column, std::size_t row, const Value& value,
                            std::string& reason) const {
  std::int64_t result = 0;
  if (value.kind == ValueKind::not_finite && non_finite_is_missing_) return set_missing(column, row), true;
  if (value.kind == ValueKind::number) {
    if (parse_whole(value.text, result) != NumberError::none)
      return refuse(column, "a whole number of units since 1970", "another number", reason);
  } else if (value.kind == ValueKind::text) {
    const auto error = parse_instant(value.text, stores_[column].ticks, result);
    if (error == InstantError::too_fine)
      return refuse(column, fmt::format("a time in whole {}", infos_[column].unit), "a finer fraction",
                    reason);
    if (error == InstantError::out_of_range)
      return refuse(column, "a time within the range of its unit", "one outside", reason);
    if (error != InstantError::none) return refuse(column, "an ISO 8601 time", "another text", reason);
  } else {
    return refuse(column, "a time", name_of(value), reason);
  }
  set_whole(column, row, result);
  return true;
}

bool BlockColumns::set_text(std::size_t column, std::size_t row, const Value& value, std::string& reason) {
  if (value.kind != ValueKind::text) return refuse(column, "a text", name_of(value), reason);
  const auto& store = stores_[column];
  if (store.store == Store::codes) return set_code(column, row, value.text), true;
  if (set_fixed(column, row, value.text)) return true;
  if (value.text.size() > store.width)
    return refuse(column, fmt::format("a text of at most {} bytes (the column's width)", store.width),
                  fmt::format("{} bytes", value.text.size()), reason);
  return refuse(column, "a text without zero bytes", "one", reason);
}

bool BlockColumns::refuse(std::size_t column, std::string_view expected, std::string_view found,
                          std::string& reason) const {
  reason = fmt::format("decode: column {}: expected {}, found {}", infos_[column].name, expected, found);
  return false;
}

}  // namespace millrace
