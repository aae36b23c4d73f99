// SPDX-License-Identifier: Apache-2.0
// The tables that project files are checked against, beside those of the parts (tasks, sources, sinks).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "millrace/base/option.hpp"

namespace millrace {

// The project's own fields, without source, schema, chain and sink.
const std::vector<OptionSpec>& project_table();
// One column of a declared schema.
const std::vector<OptionSpec>& column_table();

// What a field outside the tables' reach looks like.
inline constexpr const char* speed_expected = "a text such as 1x, 60x or max";
inline constexpr const char* speed_pattern = R"(^(max|(?!0+(\.0+)?x$)[0-9]{1,9}(\.[0-9]{1,9})?x)$)";
inline constexpr const char* max_rejects_expected = "a share below 1 or a whole number of rows";

// The factor that a speed stands for: 60x -> 60, max -> 0; negative for anything else.
double speed_factor(std::string_view text);

// Names that the design knows. One that no catalogue of this build has is refused as "not built yet".
const std::vector<std::string>& known_sources();
const std::vector<std::string>& known_sinks();
const std::vector<std::string>& known_tasks();
bool is_known_field(std::string_view name);
bool is_known_value(std::string_view field, std::string_view text);

}  // namespace millrace
