#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is needed, builds Millrace in three configurations and passes every test; under half an hour on two cores.
#
#   release  gcc, every test
#   asan     clang with the address and undefined-behaviour sanitizers, every test but those marked "once"
#   tsan     clang with the thread sanitizer, without MPI: the tests that run in one process
#
# Each gives the same digests. jobs/test.sh [CONFIGURATION...]: only these; clang, without optimisation, is one more.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. jobs/packages.sh
. jobs/mpi.sh

logs=build/test-logs
passed=0 failed=0 failures=() before_ctest=()

step() { printf '\n== %s (%d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

# Adds one stage: its name, 0 or 1 for its outcome.
stage_done() {
  if (($2 == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)) failures+=("$1"); fi
}

build() {
  local configuration=$1
  shift
  step "$configuration: build"
  cmake --preset "$configuration" "$@" >"$logs/$configuration-configure.log" 2>&1 &&
    cmake --build --preset "$configuration" >"$logs/$configuration-build.log" 2>&1
  local outcome=$?
  ((outcome == 0)) || tail -n 40 "$logs/$configuration-configure.log" "$logs/$configuration-build.log"
  stage_done "$configuration: build" $outcome
  return $outcome
}

# run_tests CONFIGURATION FOLDER CTEST-OPTION...: counts single tests from ctest's own summary. One test more than there
# are cores, since those with a broker wait for much of their time.
run_tests() {
  local configuration=$1 folder=$2 log
  log=$logs/${configuration// /-}-tests.log
  shift 2
  step "$configuration: tests"
  "${before_ctest[@]}" ctest --test-dir "$folder" -j $(($(nproc) + 1)) --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log"
  local outcome=${PIPESTATUS[0]} summary bad=0 total=0
  summary=$(grep -E 'tests failed out of' "$log")
  if [[ $summary =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    bad=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
  fi
  ((outcome == 0 || bad > 0)) || bad=1
  passed=$((passed + (total > bad ? total - bad : 0))) failed=$((failed + bad))
  ((bad == 0)) || failures+=("$configuration: $bad tests, see $log")
}

release() { build release && run_tests release build; }

# Under MPI leaks are not looked for: Open MPI leaves many, in plug-ins that are unloaded by then and cannot be named.
asan() {
  build asan || return
  export UBSAN_OPTIONS=print_stacktrace=1
  export LSAN_OPTIONS=suppressions=$PWD/tests/leaks.supp:print_suppressions=0
  local checks=detect_stack_use_after_return=1:strict_string_checks=1
  ASAN_OPTIONS=$checks run_tests asan build/asan -LE 'once|mpi'
  ASAN_OPTIONS=$checks:detect_leaks=0 run_tests "asan mpi" build/asan -L mpi -LE once
}

# Without the comparison with pandas, minutes under this sanitizer: task_random_chains runs the same tasks on threads.
# Clang's OpenMP brings Archer, which tells the sanitizer what a parallel region synchronises; gcc's has nothing like it.
# Its memory layout fails where the kernel scatters addresses widely, so they are left in their places if that is allowed.
tsan() {
  build tsan || return
  local before_ctest=()
  ! setarch -R true 2>/dev/null || before_ctest=(setarch -R)
  TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1 \
    run_tests tsan build/tsan -LE 'once|mpi' -E task_parity
}

clang() { build clang && run_tests clang build/clang -R run_golden_digests; }

mkdir -p "$logs"
step "packages"
install_packages "${build_packages[@]}" "${test_packages[@]}" || exit 1
command -v ccache >/dev/null && export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache

(($#)) || set -- release asan tsan
for configuration in "$@"; do "$configuration"; done

step "done"
((failed == 0)) || printf 'failed: %s\n' "${failures[@]}"
echo "$passed passed, $failed failed"
((failed == 0))
