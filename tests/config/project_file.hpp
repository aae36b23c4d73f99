// SPDX-License-Identifier: Apache-2.0
// Loads a project from a text, by way of a file of its own.
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <sstream>

#include "config/test_catalogs.hpp"
#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"

namespace millrace::test {

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    static int count = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("millrace_config_" + std::to_string(::getpid()) + "_" + std::to_string(count++)))
                .string();
    File::open(path_, File::Mode::write_new).write_all(std::string_view(text));
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Project load_text(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const TemporaryFile file(text);
  return load_project(file.path(), overrides, catalogs());
}

// The lines of the refusal, without the file's name; none if the project is taken.
inline std::vector<std::string> problems_of(const std::string& text,
                                            const std::vector<std::string>& overrides = {}) {
  const TemporaryFile file(text);
  std::vector<std::string> problems;
  try {
    load_project(file.path(), overrides, catalogs());
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ExitCode::project_refused));
    std::istringstream lines(error.what());
    for (std::string line; std::getline(lines, line);) {
      BOOST_TEST(line.starts_with(file.path() + ": "));
      problems.push_back(line.substr(file.path().size() + 2));
    }
  }
  return problems;
}

// A file that is right but for what `fields` adds.
inline std::string with(const std::string& fields) {
  return R"({"source": {"jsonl": {"path": "a"}}, "sink": {"hdf5": {"path": "b"}})" +
         (fields.empty() ? "" : ", " + fields) + "}";
}

}  // namespace millrace::test
