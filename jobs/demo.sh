#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From nothing to a result: installs, builds, generates 750,000 rows of a weather station, preprocesses them on three
# ranks, and shows what came out. Called again, it does only what is left to do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. jobs/packages.sh
. jobs/mpi.sh

millrace=build/millrace
rows=results/input/weather.jsonl

step() { printf '\n== %s\n' "$*"; }
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

step "Packages"
install_packages "${build_packages[@]}"

step "Build"
[[ -f build/build.ninja ]] || cmake --preset release -DMILLRACE_TESTS=OFF
cmake --build --preset release --target millrace

step "Rows"
if [[ -f $rows ]]; then
  echo "$rows is there."
else
  mkdir -p "${rows%/*}"
  echo "\$ $millrace generate --rows 750000 --seed 1 > $rows"
  "$millrace" generate --rows 750000 --seed 1 >"$rows.part"
  mv "$rows.part" "$rows"
fi

step "Run"
show mpirun -n 3 "$millrace" run configs/weather.json

step "Result"
show "$millrace" inspect results/weather --rows 5
show "$millrace" inspect results/weather --verify
show h5ls results/weather/results.h5
show h5dump -H -d /outTemp results/weather/results.h5

cat <<'TEXT'

== What to try next

  build/millrace tasks                                     the preprocessing steps
  build/millrace validate configs/weather.json             what is wrong with a project file
  build/millrace run configs/airquality.json               a small real data set, no mpirun needed
  build/millrace run configs/weather.json --overwrite --set chain='["standard_scaler"]'
  head -n 3 results/input/weather.jsonl | build/millrace apply --chain fillna_zeros,normalizer
  /usr/bin/python3 -c 'import h5py; print(h5py.File("results/weather/results.h5")["outTemp"][:5])'
  jobs/test.sh                                             every test
TEXT
