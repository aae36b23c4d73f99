// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "millrace/transport/transport.hpp"

namespace millrace {

bool started_by_mpi_launcher() {
  // Open MPI's mpirun; srun --mpi=pmix, which sets PMIX_RANK for its tasks.
  return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr;
}

}  // namespace millrace
