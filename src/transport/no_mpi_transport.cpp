// SPDX-License-Identifier: Apache-2.0
// In place of mpi_transport.cpp in a build without MPI (-DMILLRACE_MPI=OFF, for the thread sanitizer).
#include "millrace/base/error.hpp"
#include "millrace/transport/transport.hpp"

namespace millrace {

std::unique_ptr<Transport> make_mpi_transport(int* /*argc*/, char*** /*argv*/) {
  throw Error(ExitCode::usage, "this build has no MPI; use --transport loopback");
}

std::string mpi_version() {
  return "none";
}

}  // namespace millrace
