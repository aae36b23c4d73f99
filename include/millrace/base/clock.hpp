// SPDX-License-Identifier: Apache-2.0
// Time as seconds in doubles. Everything that waits or stamps takes a Clock, so that a test or a replay
// brings its own.
#pragma once

#include <memory>

namespace millrace {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual double now_s() const = 0;   // steady, arbitrary origin
  virtual double unix_s() const = 0;  // since 1970-01-01T00:00:00Z
};

const Clock& system_clock();

// CPU time of the calling thread.
double thread_cpu_s();

}  // namespace millrace
