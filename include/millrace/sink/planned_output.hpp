// SPDX-License-Identifier: Apache-2.0
// What can be said of an output before it is there. Writes nothing and takes no lock.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/base/option.hpp"
#include "millrace/frame/schema.hpp"

namespace millrace {

// Output::memory_bound() of a new output of these results, known without touching a file. Throws Error
// (project_refused) for results that the sink cannot hold.
std::uint64_t sink_memory_bound(const std::string& sink, const Options& options, const Schema& results);

// Throws Error (project_refused) on options of the sink that cannot be right together. Connects to nothing.
void check_sink_options(const std::string& sink, const Options& options);

// Throws Error (project_refused) if nothing can be written at `path`, or what is there is not of this sink.
void check_sink_place(const std::string& sink, const std::string& path);

}  // namespace millrace
