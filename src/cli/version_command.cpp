// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "cli/versions.hpp"
#include "millrace/kernel/vector_path.hpp"
#include "millrace/sink/output.hpp"
#include "millrace/transport/transport.hpp"

namespace millrace::cli {
namespace {

#ifdef __clang__
constexpr auto compiler = "clang " __clang_version__;
#else
constexpr auto compiler = "gcc " __VERSION__;
#endif

}  // namespace

std::string versions_line() {
  return fmt::format("millrace {}, {}, {}, {}, vectors {}", MILLRACE_VERSION, compiler, mpi_version(),
                     hdf5_version(), name_of(vector_path()));
}

void add_version(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("version", "print the version and what it was built with");
  command->footer("\nExamples:\n  millrace version\n");
  command->callback([&line] {
    std::printf("%s\n", versions_line().c_str());
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
