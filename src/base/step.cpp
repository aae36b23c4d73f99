// SPDX-License-Identifier: Apache-2.0
#include "millrace/base/step.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>

namespace millrace {
namespace {

struct LastStep {
  std::string name;
  std::atomic<long> still_to_pass = 0;

  LastStep() {
    const char* given = std::getenv("MILLRACE_STOP_AT");
    if (given == nullptr) return;
    name = given;
    const auto colon = name.rfind(':');
    still_to_pass = colon == std::string::npos ? 1 : std::atol(name.c_str() + colon + 1);
    name.resize(std::min(colon, name.size()));
  }
};

LastStep& last_step() {
  static LastStep step;
  return step;
}

}  // namespace

bool is_to_stop_at_a_step() {
  return !last_step().name.empty();
}

void reach_step(std::string_view step) {
  auto& last = last_step();
  if (last.name.empty() || last.name != step) return;
  if (--last.still_to_pass == 0) std::raise(SIGKILL);
}

}  // namespace millrace
