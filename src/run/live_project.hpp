// SPDX-License-Identifier: Apache-2.0
// What a project says of its live source beyond the source itself.
#pragma once

#include "millrace/config/project.hpp"
#include "millrace/journal/journal.hpp"

namespace millrace {

// Throws Error (project_refused) for what cannot go with a live source.
void check_live_project(const Project& project);
// Throws Error (project_refused) where no place follows for it.
JournalSettings journal_settings(const Project& project);
// The options of a live source that make its rows what they are; the others may change between two runs.
Options row_options(const Options& source);

}  // namespace millrace
