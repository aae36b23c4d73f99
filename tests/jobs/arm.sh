#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Millrace for 64-bit Arm and runs its tests there under qemu-user: the kernels' plain path, the decoder's portable
# one, and the digests of the golden projects, which must be those of every machine. Without MPI, whose code is the same
# everywhere. Not part of the test suite: it takes a quarter of an hour. Needs root where the cross compiler is not
# installed yet.
#
# arm.sh [FOLDER] [CTEST-OPTION...]: FOLDER (default: a temporary one) is kept and used again.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$repository/jobs/packages.sh"

if (($#)); then
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  shift
else
  folder=$(mktemp -d /var/tmp/millrace-arm-XXXXXX)
  trap 'rm -rf --one-file-system "$folder"' EXIT
fi
root=$folder/root build=$folder/build apt=$folder/apt
libraries=$root/usr/lib/aarch64-linux-gnu

say() { printf '\n#### %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

# The distribution's packages for Arm, unpacked in a folder: this machine's own packages stay as they are.
fetch_packages() {
  local packages=(libstdc++-12-dev libboost-test-dev) package
  for package in "${build_packages[@]}"; do
    [[ $package != lib* && $package != zlib* && $package != nlohmann* ]] || packages+=("$package")
  done
  mkdir -p "$apt"/{state/lists,cache/archives}/partial "$root"
  : >"$apt/status"
  printf '%s "%s";\n' APT::Architecture arm64 APT::Architectures arm64 APT::Install-Recommends false APT::Sandbox::User "$(id -un)" \
    Dir::State "$apt/state" Dir::State::status "$apt/status" Dir::Cache "$apt/cache" >"$apt/apt.conf"
  APT_CONFIG=$apt/apt.conf apt-get update -qq
  APT_CONFIG=$apt/apt.conf apt-get install -qq -y --download-only "${packages[@]}" >/dev/null
  for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
}

# Links to absolute paths would lead out of the root.
mend_links() {
  local link target
  find "$root" -type l -lname '/*' | while read -r link; do
    target=$root$(readlink "$link")
    ln -sfn "$(realpath -s --relative-to="$(dirname "$link")" "$target")" "$link"
  done
}

toolchain() {
  cat <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_SYSROOT "$root")
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L$libraries/hdf5/serial")
END
}

configure_and_build() {
  toolchain >"$folder/toolchain.cmake"
  PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$libraries/pkgconfig:$root/usr/share/pkgconfig \
    cmake -S "$repository" -B "$build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$folder/toolchain.cmake" -DMILLRACE_MPI=OFF >"$folder/configure.log"
  cmake --build "$build" >"$folder/build.log" || {
    tail -n 40 "$folder/build.log" >&2
    return 1
  }
}

# Every program is put behind a script of its name, so that tests which start programs find them as usual.
put_behind_emulator() {
  local program
  find "$build" -type f -perm -u+x ! -name '*.arm' ! -path '*/CMakeFiles/*' | while read -r program; do
    [[ $(head -c 4 "$program") == $'\x7fELF' ]] || continue
    mv "$program" "$program.arm"
    printf '#!/bin/sh\nexec qemu-aarch64-static -L "%s" "%s" "$@"\n' "$root" "$program.arm" >"$program"
    chmod +x "$program"
  done
}

say "packages"
install_packages "${build_packages[@]}" "${test_packages[@]}" g++-aarch64-linux-gnu qemu-user-static
if [[ ! -e $folder/fetched ]]; then
  rm -rf --one-file-system "$root"
  fetch_packages
  mend_links
  touch "$folder/fetched"
fi
say "build"
configure_and_build
put_behind_emulator
say "tests"
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure --no-tests=error -LE 'once|mpi' -E '^jobs_' "$@"
say "done"
