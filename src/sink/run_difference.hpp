// SPDX-License-Identifier: Apache-2.0
// What keeps a run from going on with an output: the difference between what is stored and what is asked for.
#pragma once

#include <string>
#include <vector>

#include "sink/manifest_state.hpp"

namespace millrace {

// One line a difference, with the old and the new value; empty if the run can go on.
std::vector<std::string> differences(const ManifestState& stored, const BeginEntry& now);
// The same for a requeue: what its results must have in common with those that are there.
std::vector<std::string> requeue_differences(const ManifestState& stored, const OutputSettings& settings,
                                             const RequeueHeader& header);
bool is_set(const Options& sink, const char* option);

}  // namespace millrace
