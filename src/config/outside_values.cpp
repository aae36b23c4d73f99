// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "config/document.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"

namespace millrace {
namespace {

constexpr std::size_t longest_file = 64 << 10;
constexpr int option_depth = 3;  // source . jsonl . path

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

bool is_file_value(const Json& value) {
  return value.is_object() && value.size() == 1 && value.contains("file") && value["file"].is_string();
}

class OutsideValues {
 public:
  OutsideValues(Document& document, std::vector<Problem>& problems)
      : document_(document), problems_(problems) {}

  void walk(Json& value, const std::string& path, int depth) {
    if (value.is_string()) {
      expand(value, path);
    } else if (depth >= option_depth && is_file_value(value) && is_of_part(path)) {
      read(value, path);
    } else if (value.is_object()) {
      for (const auto& [key, inner] : value.items()) walk(inner, child_path(path, key), depth + 1);
    } else if (value.is_array()) {
      for (std::size_t index = 0; index < value.size(); ++index)
        walk(value[index], item_path(path, index), depth + 1);
    }
  }

 private:
  static bool is_of_part(const std::string& path) {
    return path.starts_with("source.") || path.starts_with("sink.");
  }

  void replace(Json& value, const std::string& path, std::string text) {
    document_.outside.emplace(path, value);
    value = std::move(text);
  }

  void expand(Json& value, const std::string& path) {
    const auto& text = value.get_ref<const std::string&>();
    std::string expanded;
    bool from_environment = false;
    for (std::size_t at = 0; at < text.size();) {
      const auto rest = std::string_view(text).substr(at);
      if (rest.starts_with("$${")) {
        expanded += "${";
        at += 3;
      } else if (rest.starts_with("${")) {
        const auto close = rest.find('}');
        expanded += variable(close == rest.npos ? "" : rest.substr(2, close - 2), path);
        from_environment = true;
        at += close == rest.npos ? rest.size() : close + 1;
      } else {
        expanded += text[at++];
      }
    }
    if (from_environment)
      replace(value, path, std::move(expanded));
    else
      value = std::move(expanded);
  }

  std::string variable(std::string_view name, const std::string& path) {
    if (!is_variable_name(name)) {
      problems_.push_back(
          {path, "expected ${NAME} with the name of an environment variable; write $${ for a plain ${"});
      return "";
    }
    if (const char* value = std::getenv(std::string(name).c_str())) return value;
    problems_.push_back({path, fmt::format("${{{}}} is not set in the environment", name)});
    return "";
  }

  void read(Json& value, const std::string& path) {
    const auto name = value["file"].get<std::string>();
    try {
      replace(value, path, text_of(name));
    } catch (const Error& error) {
      problems_.push_back({child_path(path, "file"), error.what()});
      replace(value, path, "");
    }
  }

  // Neither a device nor a pipe is read: either could go on for ever.
  static std::string text_of(const std::string& name) {
    struct stat status {};
    if (::stat(name.c_str(), &status) != 0) throw_errno(name, errno);
    if (!S_ISREG(status.st_mode)) throw Error(ExitCode::project_refused, name + " is not a file");
    if (static_cast<std::size_t>(status.st_size) > longest_file)
      throw Error(ExitCode::project_refused, fmt::format("{} is longer than {} bytes", name, longest_file));
    const auto bytes = read_file(name);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
  }

  Document& document_;
  std::vector<Problem>& problems_;
};

}  // namespace

void take_outside_values(Document& document, std::vector<Problem>& problems) {
  OutsideValues(document, problems).walk(document.root, "", 0);
}

}  // namespace millrace
