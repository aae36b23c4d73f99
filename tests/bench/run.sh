#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All benchmarks, one after the other, each beside what it is measured against. Builds them first; takes about three
# quarters of an hour. Leave the machine alone meanwhile. What they print goes to build/bench/results as well.
#
# tests/bench/run.sh [NAME...]: only these, such as decode or end_to_end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. jobs/packages.sh
. jobs/mpi.sh

programs=build/bench/tests/bench
millrace=build/bench/millrace
results=build/bench/results
failed=()
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT || exit 1

decode() { "$programs/bench_decode"; }
payload() { "$programs/bench_payload"; }
tasks() { "$programs/bench_tasks"; }
worker() { "$programs/bench_worker"; }
dispatch() { mpirun -q -n 2 "$programs/bench_dispatch"; }
sink() { "$programs/bench_sink" "$scratch"; }
journal() { "$programs/bench_journal" "$scratch"; }
mqtt() { /usr/bin/python3 tests/bench/mqtt.py "$millrace" "$programs/bench_mqtt_counter"; }
end_to_end() { /usr/bin/python3 tests/bench/end_to_end.py "$millrace" --rounds 7; }
python_peers() { /usr/bin/python3 tests/bench/python_peers.py "$millrace"; }
all=(decode payload tasks worker dispatch sink journal mqtt end_to_end python_peers)

machine() {
  lscpu | grep -E 'Model name|^CPU\(s\)|L2|L3'
  lscpu | grep -oE 'avx2|avx512[a-z]+' | sort -u | tr '\n' ' '
  printf '\n%s, %s, %s\n' "$(uname -sr)" "$(c++ --version | head -n 1)" "$(git rev-parse --short HEAD 2>/dev/null)"
  grep -E 'CMAKE_CXX_FLAGS(_RELEASE)?:' build/bench/CMakeCache.txt
}

for name in "$@"; do
  [[ " ${all[*]} " == *" $name "* ]] || { echo "No benchmark is called $name; there are: ${all[*]}" >&2; exit 2; }
done
install_packages "${build_packages[@]}" "${test_packages[@]}" || exit 1
mkdir -p "$results"
cmake --preset bench >"$results/build.log" 2>&1 && cmake --build --preset bench >>"$results/build.log" 2>&1 || {
  tail -n 40 "$results/build.log" >&2
  exit 1
}
machine | tee "$results/machine.txt"
for name in "${@:-${all[@]}}"; do
  printf '\n== %s\n' "$name"
  "$name" 2>&1 | tee "$results/$name.txt" || failed+=("$name")
done
if ((${#failed[@]} > 0)); then
  echo "failed: ${failed[*]}" >&2
  exit 1
fi
