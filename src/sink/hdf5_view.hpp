// SPDX-License-Identifier: Apache-2.0
// results.h5: all committed rows as virtual data sets over the segments, with label tables and attributes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/base/files.hpp"
#include "sink/manifest_state.hpp"
#include "sink/table_layout.hpp"

namespace millrace {

// The number of entries in the manifest; the view says of which state it is.
struct ViewSource {
  const ManifestState& state;
  std::uint64_t manifest_entries = 0;
};

// Writes FOLDER/results.h5 anew, by rename.
void write_view(const Path& folder, const TableLayout& layout, const ViewSource& source);
// One line for each thing in which FOLDER/results.h5 does not show the state's rows.
std::vector<std::string> check_view(const Path& folder, const TableLayout& layout,
                                    const ManifestState& state);

}  // namespace millrace
