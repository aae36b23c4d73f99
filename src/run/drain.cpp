// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/drain.hpp"

#include <csignal>
#include <initializer_list>

namespace millrace {
namespace {

volatile std::sig_atomic_t requests = 0;

void count(int /*signal*/) {
  requests = requests + 1;
}

void set_all(void (*action)(int)) {
  for (const int signal : {SIGUSR1, SIGTERM, SIGINT}) std::signal(signal, action);
}

}  // namespace

void catch_drain_signals() {
  set_all(count);
}
void ignore_drain_signals() {
  set_all(SIG_IGN);
}
int drain_requests() {
  return requests;
}

void reset_drain_requests() {
  requests = 0;
}

}  // namespace millrace
