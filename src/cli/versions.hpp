// SPDX-License-Identifier: Apache-2.0
// "millrace 0.1.0, gcc 12.2.0, Open MPI v4.1.4, HDF5 1.10.8": for `version` and for the result's attributes.
#pragma once

#include <string>

namespace millrace::cli {

std::string versions_line();

}  // namespace millrace::cli
