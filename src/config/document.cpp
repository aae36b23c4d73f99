// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "millrace/base/error.hpp"

namespace millrace {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t longest_shown = 60;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '$';
}

// Follows the parser through the file, since the tree that it builds keeps one value a key.
class KeyWatch {
 public:
  explicit KeyWatch(std::vector<Problem>& problems) : problems_(problems) {}

  bool operator()(Json::parse_event_t event, const Json& parsed) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        open(event == Json::parse_event_t::object_start);
        break;
      case Json::parse_event_t::key:
        note_key(parsed.get<std::string>());
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        levels_.pop_back();
        [[fallthrough]];
      case Json::parse_event_t::value:
        if (!levels_.empty()) ++levels_.back().index;
    }
    return true;
  }

 private:
  struct Level {
    bool is_object;
    std::size_t index = 0;
    std::string key = {};
    std::set<std::string> keys = {};
  };

  void open(bool is_object) {
    if (levels_.size() == deepest)
      throw Error(ExitCode::project_refused, fmt::format("nested deeper than {} levels", deepest));
    levels_.push_back({is_object});
  }
  void note_key(const std::string& key) {
    levels_.back().key = key;
    if (!levels_.back().keys.insert(key).second)
      problems_.push_back({path(), "stands twice; keep one of them"});
  }
  std::string path() const {
    std::string all;
    for (const auto& level : levels_)
      all = level.is_object ? child_path(all, level.key) : item_path(all, level.index);
    return all;
  }

  std::vector<Problem>& problems_;
  std::vector<Level> levels_;
};

// "[json.exception.parse_error.101] parse error at line 3, column 14: syntax error ..." -> "line 3, ..."
std::string without_prefix(const std::string& message) {
  const auto place = message.find("line ");
  return place == std::string::npos ? message : message.substr(place);
}

}  // namespace

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string child_path(const std::string& path, const std::string& key) {
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_plain)) return path + "[" + quoted(key) + "]";
  return path.empty() ? key : path + "." + key;
}

std::string item_path(const std::string& path, std::size_t index) {
  return fmt::format("{}[{}]", path, index);
}

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
  std::string all;
  for (std::size_t index = 0; index < texts.size(); ++index) {
    if (index > 0) all += separator;
    all += texts[index];
  }
  return all;
}

std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return value.empty() ? "an empty list" : "a list";
  auto text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > longest_shown) text = text.substr(0, longest_shown) + "...";
  return text;
}

std::string shown(const Document& document, const std::string& path, const Json& value) {
  const auto outside = document.outside.find(path);
  if (outside == document.outside.end()) return shown(value);
  return fmt::format("the value of {}", outside->second.dump());
}

Json parse_json(std::string_view text, std::vector<Problem>& problems) {
  KeyWatch watch(problems);
  try {
    return Json::parse(
        text, [&](int, Json::parse_event_t event, Json& parsed) { return watch(event, parsed); }, true, true);
  } catch (const Json::exception& error) {
    throw Error(ExitCode::project_refused, without_prefix(error.what()));
  }
}

}  // namespace millrace
