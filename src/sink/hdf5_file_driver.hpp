// SPDX-License-Identifier: Apache-2.0
// A virtual file driver for HDF5. HDF5 itself is left in a state that cannot be closed when a write fails
// (its handles then point to freed memory); this driver remembers the first failure for us and tells HDF5
// that all is well.
#pragma once

#include "sink/hdf5_handle.hpp"

namespace millrace {

// File access properties with the driver. `writes` must outlive the file; nullptr for files that are only
// read.
Hdf5Properties file_access(FileWrites* writes);

}  // namespace millrace
