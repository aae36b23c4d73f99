// SPDX-License-Identifier: Apache-2.0
// Document: a project file as a tree of JSON values, before anything is known of their meaning: comments
// gone, --set applied, ${ENV} and {"file": path} replaced. A path names a value in it: chain[1].norm.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/config/project.hpp"

namespace millrace {

using Json = nlohmann::json;

struct Document {
  Json root;
  // Values that came from the environment or from a file: their path, and what stands in the project file
  // instead. They may be secrets, so only the latter is ever shown.
  std::map<std::string, Json> outside = {};
};

std::string child_path(const std::string& path, const std::string& key);
std::string item_path(const std::string& path, std::size_t index);

std::string joined(const std::vector<std::string>& texts, std::string_view separator);

// As a JSON text, on one line.
std::string quoted(const std::string& text);

// A value as an error message shows it: short, and on one line.
std::string shown(const Json& value);
std::string shown(const Document& document, const std::string& path, const Json& value);

// JSON with comments. A key that stands twice is a problem; a syntax error (with line and column), or a
// nesting deeper than 64, throws Error (project_refused).
Json parse_json(std::string_view text, std::vector<Problem>& problems);

// Applies "a.b[2].c=VALUE": VALUE as JSON, else as text. Objects that are not there yet are made; a chain
// step that is a plain name becomes an object.
void apply_override(Json& root, const std::string& assignment, std::vector<Problem>& problems);

// Replaces ${NAME} in every text ($${ stands for a plain ${), and below source.NAME and sink.NAME an object
// {"file": path} by the file's text without its last line end.
void take_outside_values(Document& document, std::vector<Problem>& problems);

}  // namespace millrace
