// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "config/document.hpp"
#include "millrace/base/error.hpp"

namespace millrace {
namespace {

struct Step {
  std::string key;        // of an object
  std::size_t index = 0;  // of a list
  bool is_index = false;
};

std::optional<std::size_t> whole_number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "a.b[2].c" -> a, b, 2, c. Empty if it is not of that form.
std::vector<Step> steps_of(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    if (path.front() == '[') {
      const auto close = path.find(']');
      if (close == std::string_view::npos) return {};
      const auto index = whole_number(path.substr(1, close - 1));
      if (!index) return {};
      steps.push_back({"", *index, true});
      path.remove_prefix(close + 1);
    } else {
      if (!steps.empty()) {
        if (path.front() != '.') return {};
        path.remove_prefix(1);
      }
      const auto end = std::min(path.find_first_of(".["), path.size());
      if (end == 0) return {};
      steps.push_back({std::string(path.substr(0, end))});
      path.remove_prefix(end);
    }
  }
  return steps;
}

// The place that `step` names below `value`; nullptr if there can be none.
Json* enter(Json& value, const Step& step, bool in_chain) {
  if (step.is_index) {
    if (!value.is_array() || step.index > value.size()) return nullptr;
    if (step.index == value.size()) value.push_back(nullptr);
    return &value[step.index];
  }
  if (in_chain && value.is_string()) value = Json{{"task", value}};
  if (value.is_null()) value = Json::object();
  if (!value.is_object()) return nullptr;
  return &value[step.key];
}

Json value_of(const std::string& text) {
  std::vector<Problem> ignored;
  try {
    return parse_json(text, ignored);
  } catch (const Error&) {
    return text;
  }
}

}  // namespace

void apply_override(Json& root, const std::string& assignment, std::vector<Problem>& problems) {
  const auto equals = assignment.find('=');
  const auto steps = steps_of(std::string_view(assignment).substr(0, std::min(equals, assignment.size())));
  if (equals == std::string::npos || steps.empty()) {
    problems.push_back({"--set " + assignment, "expected PATH=VALUE, such as sink.hdf5.path=results/again"});
    return;
  }
  auto* place = &root;
  bool in_chain = false;
  for (const auto& step : steps) {
    place = enter(*place, step, in_chain);
    if (place == nullptr) {
      problems.push_back({"--set " + assignment, fmt::format("there is no place {} in the project file",
                                                             assignment.substr(0, equals))});
      return;
    }
    in_chain = in_chain ? step.is_index : step.key == "chain";
  }
  *place = value_of(assignment.substr(equals + 1));
}

}  // namespace millrace
