// SPDX-License-Identifier: Apache-2.0
// Schema: the ordered columns of a frame. Known before a run starts, for every stage of the chain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// time: whole units (ColumnInfo::unit: s, ms, us or ns) since 1970-01-01T00:00:00Z.
enum class Type : std::uint8_t { float64, int64, boolean, text, time };
enum class Role : std::uint8_t { value, key };
// codes: int32 codes into a label table, code 0 is missing. fixed: `width` bytes of UTF-8, padded with zero
// bytes.
enum class TextEncoding : std::uint8_t { codes, fixed };

struct ColumnInfo {
  std::string name;
  Type type = Type::float64;
  std::string unit = {};  // as CF writes it (degree_C, m s-1); for time: s, ms, us, ns
  Role role = Role::value;
  TextEncoding encoding = TextEncoding::codes;  // text only
  std::uint32_t width = 0;                      // fixed text only, bytes
  bool operator==(const ColumnInfo&) const = default;
};

// float64 or int64.
bool is_numeric(Type type);
const char* name_of(Type type);  // float64, int64, bool, text, time
std::optional<Type> type_of(std::string_view name);
std::int64_t ticks_per_second(std::string_view time_unit);  // 1, 1e3, 1e6, 1e9

struct Schema {
  std::vector<ColumnInfo> columns;

  std::optional<std::size_t> find(std::string_view name) const;
  std::vector<std::string> names() const;
  bool operator==(const Schema&) const = default;
};

}  // namespace millrace
