// SPDX-License-Identifier: Apache-2.0
// For corpus_test.py: `config_probe schema` prints the JSON Schema; `config_probe load FILE...` loads each
// and prints "FILE ok" or its problems.
#include <cstdio>
#include <cstring>

#include "config/test_catalogs.hpp"
#include "millrace/base/error.hpp"

int main(int count, char** arguments) {
  using namespace millrace;
  if (count > 1 && std::strcmp(arguments[1], "schema") == 0) {
    std::puts(project_json_schema(test::catalogs()).c_str());
    return 0;
  }
  for (int argument = 2; argument < count; ++argument) {
    try {
      load_project(arguments[argument], {}, test::catalogs());
      std::printf("%s ok\n", arguments[argument]);
    } catch (const Error& error) {
      if (error.code() != ExitCode::project_refused) return 1;
      std::puts(error.what());
    }
  }
  return 0;
}
