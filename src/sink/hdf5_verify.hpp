// SPDX-License-Identifier: Apache-2.0
// Checks an output of the hdf5 sink against its manifest.
#pragma once

#include <string>
#include <vector>

#include "millrace/base/files.hpp"
#include "sink/manifest_state.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

// One line for each thing that is wrong with the segments in `folder`: file, hash, rows, messages, codes.
std::vector<std::string> check_segments(const Path& folder, const TableLayout& layout,
                                        const ManifestState& state);

}  // namespace millrace
