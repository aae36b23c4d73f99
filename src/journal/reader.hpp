// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "journal/segment.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

// `known`: damage that was reported when the journal was opened. Both outlive the reader.
std::unique_ptr<JournalReader> make_journal_reader(const SegmentList& segments,
                                                   const std::vector<JournalFinding>& known,
                                                   JournalPosition position);

}  // namespace millrace
