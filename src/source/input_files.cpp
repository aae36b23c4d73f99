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

namespace millrace {
namespace {

constexpr std::size_t hashed_end = 64 * 1024;

[[noreturn]] void refuse(const std::string& path, const char* why) {
  throw Error(ExitCode::project_refused, fmt::format("source: path {}: {}", path, why));
}

void check_readable(const std::string& path) {
  if (std::filesystem::is_directory(path)) refuse(path, "is a folder; name its files, as in folder/*.jsonl");
  if (::access(path.c_str(), R_OK) != 0) refuse(path, "no permission to read it");
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

std::vector<std::string> input_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    if (path == "-" || std::filesystem::exists(path)) {
      files.push_back(path);
    } else {
      const auto matches = matches_of(path);
      if (matches.empty())
        refuse(path, path.find_first_of("*?[") == std::string::npos ? "no such file" : "matches no file");
      files.insert(files.end(), matches.begin(), matches.end());
    }
  }
  if (files.empty()) throw Error(ExitCode::project_refused, "source: path: names no file");
  for (const auto& file : files)
    if (file != "-") check_readable(file);
  return files;
}

InputPart input_part(const std::string& name) {
  if (name == "-" || !std::filesystem::is_regular_file(name)) return {name, 0, ""};
  auto file = File::open(name, File::Mode::read);
  const auto size = file.size();
  Sha256 sha;
  add_end(file, 0, sha);
  add_end(file, size > hashed_end ? size - hashed_end : 0, sha);
  return {name, size, sha.hex()};
}

}  // namespace millrace
