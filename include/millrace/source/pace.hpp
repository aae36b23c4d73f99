// SPDX-License-Identifier: Apache-2.0
// Pacing: a replay at a set rate, or by the rows' own times.
#pragma once

#include <memory>
#include <string>

#include "millrace/source/source.hpp"

namespace millrace {

struct PaceSettings {
  double arrival_rate = 0;  // rows/s; or
  double speed = 0;         // times real time, by `time_column`
  Schema schema = {};       // of the rows; for speed
  std::string time_column = {};
};

// Hands out rows when they are due by `clock`; the schedule begins with the first row handed out. With an
// arrival rate, row n (counted over the whole input) is due n / arrival_rate seconds after the input's
// beginning, so a resumed replay keeps the spacing of its rows. With a speed, a row is due when its time
// column says; a row without a time, or with an earlier one than the row before, is due with the row before.
std::unique_ptr<Source> make_paced_source(std::unique_ptr<Source> source, const PaceSettings& settings,
                                          const Clock& clock);

}  // namespace millrace
