# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034  # sourced: the lists are used by demo.sh and test.sh
# The distribution's packages (Debian 12 names) that Millrace stands on, and a function that sees to them.

# To build it and to look at results.
build_packages=(
  g++ cmake ninja-build pkg-config
  openmpi-bin libopenmpi-dev          # ranks
  libhdf5-dev hdf5-tools              # results; h5dump
  libsimdjson-dev                     # JSON rows
  libisal-dev libzstd-dev zlib1g-dev  # compression
  libpaho-mqtt-dev                    # MQTT
  libssl-dev                          # SHA-256, TLS
  libfmt-dev libspdlog-dev            # log
  nlohmann-json3-dev                  # project files
  libcli11-dev                        # command line
)

# To test it, beyond that.
test_packages=(
  libboost-test-dev                   # unit tests
  clang libclang-rt-dev libomp-dev    # second compiler, thread sanitizer that knows OpenMP
  python3 python3-pandas python3-sklearn python3-jsonschema     # references
  python3-h5py python3-h5netcdf python3-netcdf4 python3-xarray  # readers of results
  universal-ctags clang-format        # structure tests
  slurm-wlm munge                     # the batch job
  procps util-linux iproute2 zstd
  zsh                                 # completion
  mosquitto mosquitto-clients openssl # a broker, certificates
)

missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# install_packages PACKAGE...: installs what is missing and says what; needs no root when nothing is.
install_packages() {
  command -v apt-get >/dev/null || {
    echo "This is not a Debian system. Install the counterparts of: $*" >&2
    return 1
  }
  local missing as_root=()
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    echo "All $# packages are installed."
    return
  fi
  echo "Installing from the distribution (a minute or two): ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "That needs root. Run: apt-get install ${missing[*]}" >&2
      return 1
    }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}
