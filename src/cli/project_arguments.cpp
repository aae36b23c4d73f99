// SPDX-License-Identifier: Apache-2.0
#include "cli/project_arguments.hpp"

#include "millrace/run/prepare.hpp"

namespace millrace::cli {

void ProjectArguments::add_to(CLI::App& command) {
  command.add_option("project", file, "the project file (JSON, comments allowed)")
      ->type_name("PROJECT")
      ->required();
  command.add_option("--set", overrides, "override one value of the file: --set buffering_factor=100")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--speed", speed, "replay by the rows' own time column: 1x, 60x, max")
      ->type_name("FACTOR");
}

Project ProjectArguments::load() const {
  auto all = overrides;
  if (!speed.empty()) all.push_back("speed=\"" + speed + "\"");
  return load_project(file, all, build_catalogs());
}

}  // namespace millrace::cli
