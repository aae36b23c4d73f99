// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "task/columns.hpp"

namespace millrace {
namespace {

bool is_glob(const std::string& pattern) {
  return pattern.find_first_of("*?") != std::string::npos;
}

std::string not_found(const Schema& schema, const std::string& name) {
  const auto near = nearest_name(name, schema.names());
  return "there is no column \"" + name + "\"" + (near.empty() ? "" : "; the nearest is \"" + near + "\"");
}

struct Choice {
  const std::string option;
  const bool numbers_only;
};

// Marks what `pattern` names. Of columns that are no numbers a glob keeps clear; a plain name must not name
// one.
void mark(const Schema& schema, const Choice& choice, const std::string& pattern, std::vector<bool>& chosen) {
  const auto& [option, numbers_only] = choice;
  auto matches = false;
  for (std::size_t column = 0; column < schema.columns.size(); ++column) {
    const auto& info = schema.columns[column];
    if (!glob_matches(pattern, info.name)) continue;
    if (numbers_only && !is_numeric(info.type)) {
      if (is_glob(pattern)) continue;
      refuse_option(option,
                    "column \"" + info.name + "\" is " + name_of(info.type) + "; expected float64 or int64");
    }
    if (numbers_only && is_glob(pattern) && info.role == Role::key) continue;
    chosen[column] = matches = true;
  }
  if (matches) return;
  if (is_glob(pattern))
    refuse_option(option,
                  "\"" + pattern + "\" matches no " + (numbers_only ? "numeric value column" : "column"));
  refuse_option(option, not_found(schema, pattern));
}

std::vector<std::size_t> chosen_columns(const std::vector<bool>& chosen) {
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < chosen.size(); ++column)
    if (chosen[column]) columns.push_back(column);
  return columns;
}

}  // namespace

OptionSpec columns_option() {
  return {.name = "columns",
          .kind = OptionKind::texts,
          .help = "names or globs of the columns to work on; default: all numeric value columns"};
}

OptionSpec subset_option() {
  return {.name = "subset",
          .kind = OptionKind::texts,
          .help = "names or globs of the columns to look at; default: all columns"};
}

std::vector<std::size_t> numeric_columns(const Schema& schema, const Options& options) {
  std::vector<bool> chosen(schema.columns.size());
  if (options.has("columns")) {
    for (const auto& pattern : options.texts("columns")) mark(schema, {"columns", true}, pattern, chosen);
  } else {
    for (std::size_t column = 0; column < chosen.size(); ++column)
      chosen[column] = is_numeric(schema.columns[column].type) && schema.columns[column].role == Role::value;
  }
  return chosen_columns(chosen);
}

std::vector<std::size_t> subset_columns(const Schema& schema, const Options& options) {
  std::vector<bool> chosen(schema.columns.size(), !options.has("subset"));
  if (options.has("subset"))
    for (const auto& pattern : options.texts("subset")) mark(schema, {"subset", false}, pattern, chosen);
  return chosen_columns(chosen);
}

}  // namespace millrace
