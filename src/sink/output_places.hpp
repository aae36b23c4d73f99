// SPDX-License-Identifier: Apache-2.0
// Taking possession of the place an output lies at: whose files are there, the lock, the kind of file system.
#pragma once

#include "millrace/base/files.hpp"
#include "sink/sink.hpp"

namespace millrace {

// Throws Error (project_refused) if no file can be made there. Writes nothing.
void check_writable(const OutputPlaces& places);
// Throws Error (project_refused) if something that is not an output of ours stands in the way. Writes
// nothing.
void check_place(const OutputPlaces& places, bool overwrite);
// Creates the folders, takes the lock, warns of file systems that do not keep what is promised. Throws Error
// (project_refused) with the holder's process id if another run keeps the lock. Empty where locks do not
// work.
std::optional<FileLock> occupy(const OutputPlaces& places, double wait_s);
// The file system's name if results there are not durable or not protected ("tmpfs: ..."); "" if all is well.
std::string file_system_warning(const Path& folder);

}  // namespace millrace
