// SPDX-License-Identifier: Apache-2.0
#include "millrace/frame/schema.hpp"

#include <array>
#include <utility>

namespace millrace {
namespace {

constexpr std::array<std::pair<Type, const char*>, 5> type_names{{{Type::float64, "float64"},
                                                                  {Type::int64, "int64"},
                                                                  {Type::boolean, "bool"},
                                                                  {Type::text, "text"},
                                                                  {Type::time, "time"}}};

}  // namespace

bool is_numeric(Type type) {
  return type == Type::float64 || type == Type::int64;
}

const char* name_of(Type type) {
  return type_names[static_cast<std::size_t>(type)].second;
}

std::optional<Type> type_of(std::string_view name) {
  for (const auto& [type, type_name] : type_names)
    if (name == type_name) return type;
  return std::nullopt;
}

std::int64_t ticks_per_second(std::string_view time_unit) {
  if (time_unit == "ms") return 1'000;
  if (time_unit == "us") return 1'000'000;
  if (time_unit == "ns") return 1'000'000'000;
  return 1;
}

std::optional<std::size_t> Schema::find(std::string_view name) const {
  for (std::size_t column = 0; column < columns.size(); ++column)
    if (columns[column].name == name) return column;
  return std::nullopt;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> all;
  for (const auto& column : columns) all.push_back(column.name);
  return all;
}

}  // namespace millrace
