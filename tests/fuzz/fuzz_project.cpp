// SPDX-License-Identifier: Apache-2.0
// Any bytes as a project file: it is loaded, or refused with a message; a project that loads survives its
// normalised text.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "config/test_catalogs.hpp"
#include "millrace/base/error.hpp"

namespace {

// A file in memory, by a path that the loader can open.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : descriptor_(::memfd_create("project", MFD_CLOEXEC)) {
    if (::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

millrace::Project load(std::string_view text) {
  static const auto catalogs = millrace::test::catalogs();
  const MemoryFile file(text);
  return millrace::load_project(file.path(), {}, catalogs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millrace::Project project;
  try {
    project = load({reinterpret_cast<const char*>(data), size});
  } catch (const millrace::Error& error) {
    if (error.code() != millrace::ExitCode::project_refused || std::string(error.what()).empty())
      std::abort();
    return 0;
  }
  if (load(project.text).text != project.text) std::abort();
  return 0;
}
