// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "journal/segment.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

// Makes readable all that was appended before.
using Flush = std::function<void()>;

// `known`: damage that was reported when the journal was opened. Both outlive the reader.
std::unique_ptr<JournalReader> make_journal_reader(const SegmentList& segments,
                                                   const std::vector<JournalFinding>& known,
                                                   JournalPosition position, Flush flush);

}  // namespace millrace
