// SPDX-License-Identifier: Apache-2.0
#include "source/input_files.hpp"

#include <fmt/format.h>
#include <glob.h>
#include <string.h>  // strverscmp
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "millrace/base/checksum.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "millrace/base/option.hpp"

namespace millrace {
namespace {

constexpr std::size_t hashed_end = 64 * 1024;

namespace fs = std::filesystem;

std::string near_name_in_folder(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    names.push_back(entry->path().filename().string());
  const auto near = nearest_name(path.filename().string(), names);
  return near.empty() ? "" : (path.parent_path() / near).string();
}

std::string not_there(const std::string& path) {
  if (path.find_first_of("*?[") != std::string::npos) return "matches no file";
  const auto near = near_name_in_folder(path);
  return near.empty() ? "no such file" : "no such file; did you mean " + near + "?";
}

// What is wrong with a path that is there; empty if nothing is.
std::string problem_of(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) return "is a folder; name its files, as in " + path + "/*.jsonl";
  if (error || ::access(path.c_str(), R_OK) != 0) return "no permission to read it";
  if (!fs::is_regular_file(status)) return "is not a regular file; - reads standard input";
  return "";
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::sort(paths.begin(), paths.end(),
            [](const auto& a, const auto& b) { return ::strverscmp(a.c_str(), b.c_str()) < 0; });
  return paths;
}

void add_end(File& file, std::uint64_t from, Sha256& sha) {
  Bytes block(hashed_end);
  file.seek(from);
  std::size_t have = 0;
  while (have < block.size()) {
    const auto count = file.read_some(block.data() + have, block.size() - have);
    if (count == 0) break;
    have += count;
  }
  sha.add({block.data(), have});
}

}  // namespace

std::vector<std::string> input_files(const std::vector<std::string>& paths, const std::string& json_path) {
  std::vector<std::string> files;
  std::string problems;
  const auto refuse = [&](const std::string& path, const std::string& why) {
    problems += fmt::format("{}{}: {}: {}", problems.empty() ? "" : "\n", json_path, path, why);
  };
  for (const auto& path : paths) {
    std::error_code error;
    const bool is_plain = path == "-" || fs::exists(fs::symlink_status(path, error));
    const auto found = is_plain ? std::vector<std::string>{path} : matches_of(path);
    if (found.empty()) refuse(path, not_there(path));
    for (const auto& file : found) {
      const auto problem = file == "-" ? "" : problem_of(file);
      if (!problem.empty()) refuse(file, problem);
      files.push_back(file);
    }
  }
  if (!problems.empty()) throw Error(ExitCode::project_refused, problems);
  return files;
}

InputPart input_part(const std::string& name) {
  if (name == "-") return {"standard input", 0, ""};
  auto file = File::open(name, File::Mode::read);
  const auto size = file.size();
  Sha256 sha;
  add_end(file, 0, sha);
  add_end(file, size > hashed_end ? size - hashed_end : 0, sha);
  return {name, size, sha.hex(), file.stamp()};
}

}  // namespace millrace
