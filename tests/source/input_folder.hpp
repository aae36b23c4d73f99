// SPDX-License-Identifier: Apache-2.0
// A folder of input files, gone with the object.
#pragma once

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "millrace/source/source.hpp"

namespace millrace::test {

class InputFolder {
 public:
  InputFolder() {
    static int count = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("millrace_source_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~InputFolder() { std::filesystem::remove_all(path_); }
  InputFolder(const InputFolder&) = delete;
  InputFolder& operator=(const InputFolder&) = delete;

  std::string at(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const {
    File::open(at(name), File::Mode::write_new).write_all(text);
    return at(name);
  }
  // As two gzip members.
  std::string write_gzip(const std::string& name, const std::string& text) const {
    for (const bool first : {true, false}) {
      const auto part = first ? text.substr(0, text.size() / 2) : text.substr(text.size() / 2);
      auto* file = ::gzopen(at(name).c_str(), first ? "wb" : "ab");
      ::gzwrite(file, part.data(), static_cast<unsigned>(part.size()));
      ::gzclose(file);
    }
    return at(name);
  }
  std::string write_zstd(const std::string& name, const std::string& text) const {
    std::string packed(::ZSTD_compressBound(text.size()), '\0');
    packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
    return write(name, packed);
  }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<Source> make_source(const std::string& name,
                                           std::map<std::string, OptionValue> given) {
  const auto* info = find_source(name);
  BOOST_TEST_REQUIRE(info != nullptr);
  return info->make(Options(info->part.options, std::move(given)));
}

inline std::unique_ptr<Source> files(const std::string& name, const std::vector<std::string>& paths) {
  return make_source(name, {{"path", paths}});
}

// The message of the refusal; "" if it is not refused.
template <class Make>
std::string refusal_of(Make make) {
  try {
    make();
  } catch (const Error& error) {
    BOOST_TEST((error.code() == ExitCode::project_refused));
    return error.what();
  }
  return "";
}

}  // namespace millrace::test
