// SPDX-License-Identifier: Apache-2.0
// What a journal's files hold, found by looking at every entry; the end of the last one is repaired.
#pragma once

#include <cstdint>
#include <vector>

#include "journal/delivery_window.hpp"
#include "journal/segment.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

struct RecoveredJournal {
  std::vector<Segment> segments;
  DeliveryWindow window;
  std::uint64_t end = 0;      // position behind the last payload, or behind what must have been one
  std::uint64_t bounded = 0;  // position of the last boundary
  std::vector<JournalFinding> findings;
};
RecoveredJournal recover_journal(const JournalSettings& settings, JournalPosition committed);

}  // namespace millrace
