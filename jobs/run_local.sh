#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run on this machine that outlives the terminal: in the background, started again when it dies, with a log file.
#
#   jobs/run_local.sh PROJECT.json [options of millrace run]
#
# Says its process id and its log, and leaves with 0; or with the run's own code, and the end of the log, if it is over
# within a second. `kill PID` drains it: what is in flight is finished and committed. The same call again goes on.
# MILLRACE_LOG: the log, which is appended to (default: the project's name in this folder). MILLRACE: the program.
set -euo pipefail

if (($# == 0)) || [[ $1 == -h || $1 == --help ]]; then
  sed -n '3,/^[^#]/s/^# \{0,1\}//p; 3,/^[^#]/s/^#$//p' "${BASH_SOURCE[0]}"
  exit $(($# == 0 ? 2 : 0))
fi
name=${1##*/}
log=${MILLRACE_LOG:-${name%.json}.log}
millrace=${MILLRACE:-$(dirname "${BASH_SOURCE[0]}")/../build/millrace}
[[ -x $millrace ]] || {
  echo "$millrace is not there: build it (jobs/demo.sh does), or name it in MILLRACE" >&2
  exit 2
}

echo "== $(date --iso-8601=seconds): $millrace run $*" >>"$log"
nohup "$millrace" run --restart on-failure "$@" >>"$log" 2>&1 </dev/null &
pid=$!
for _ in {1..10}; do
  sleep 0.1
  kill -0 "$pid" 2>/dev/null && continue
  code=0
  wait "$pid" || code=$?
  tail -n 20 "$log"
  exit "$code"
done
echo "process $pid runs $1 and logs to $log; kill $pid drains it"
