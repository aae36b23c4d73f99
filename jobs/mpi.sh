# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash  # sourced
# What mpirun needs to run any number of ranks on this one machine, whoever calls it.

if ((EUID == 0)); then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_rmaps_base_oversubscribe=1       # more ranks than cores
export OMPI_MCA_hwloc_base_binding_policy=none   # a worker's threads may use all of them
export OMPI_MCA_btl=self,vader                   # shared memory only: no port is opened to the network
