// SPDX-License-Identifier: Apache-2.0
// What the readers of the sinks share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/sink/output_reader.hpp"
#include "sink/manifest.hpp"
#include "sink/sink.hpp"

namespace millrace {

std::unique_ptr<OutputReader> make_hdf5_reader(const OutputPlaces& places, ManifestLog log);
// A line if `path` has fewer than its committed bytes.
void check_length(const Path& path, std::uint64_t committed, std::vector<std::string>& lines);

}  // namespace millrace
