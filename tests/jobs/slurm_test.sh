#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# jobs/run.slurm on a private Slurm: one job runs to its end; another drains before its time limit, is requeued, and goes
# on to the end. Both leave the same digest. slurm_test.sh MILLRACE; needs root and Slurm, otherwise it is skipped (77).
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/private_slurm.sh"
millrace=$(realpath "$1")
job=$here/../../jobs/run.slurm

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "failed: $*"; tail -n 60 "$folder"/*.out; tail -n 20 "$folder"/log/*.log; exit 1; }

((EUID == 0)) || skip "a private Slurm needs root"
for program in slurmctld slurmd munged sbatch setpriv; do
  command -v "$program" >/dev/null || skip "$program is not installed"
done

folder=$(mktemp -d /tmp/millrace-slurm-XXXXXX)
trap 'private_slurm_down "$folder"; rm -rf "$folder"' EXIT
private_slurm_up "$folder" || fail "no Slurm"

# project NAME ARRIVAL_RATE
project() {
  cat >"$folder/$1.json" <<JSON
{ "source": { "jsonl": { "path": "$folder/rows.jsonl" } },
  "buffering_factor": 500, "buffer_timeout_s": 100, "arrival_rate": $2,
  "chain": ["fillna_zeros", "standard_scaler", "drop_duplicates"],
  "sink": { "hdf5": { "path": "$folder/$1", "segment_rows": 5000 } } }
JSON
}

# submit NAME SBATCH-OPTION...: the job's id.
submit() {
  local name=$1
  shift
  MILLRACE=$millrace OMPI_MCA_btl=self,vader sbatch --parsable -D "$folder" -o "$folder/$name.out" "$@" "$job" "$folder/$name.json"
}

state() { scontrol --oneliner show job "$1" | grep -o 'JobState=[A-Z]*' | cut -d= -f2; }

# wait_for ID SECONDS: until the job is over for good; its last state.
wait_for() {
  local until=$((SECONDS + $2))
  while ((SECONDS < until)); do
    case $(state "$1") in COMPLETED | FAILED | CANCELLED | TIMEOUT | NODE_FAIL) break ;; esac
    sleep 0.5
  done
  state "$1"
}

"$millrace" generate --rows 40000 --seed 1 >"$folder/rows.jsonl" || fail "no rows"
project whole 0
project requeued 500

whole=$(submit whole -t 5) requeued=
[[ $(wait_for "$whole" 60) == COMPLETED ]] || fail "the job that runs to its end is $(state "$whole")"

# Slurm looks at time limits every half minute, so the signal comes 20 to 50 s after the start; there are rows for 80 s.
requeued=$(submit requeued -t 1 --signal=USR1@10)
[[ $(wait_for "$requeued" 240) == COMPLETED ]] || fail "the job with a time limit is $(state "$requeued")"
grep -q "start 1, " "$folder/requeued.out" || fail "the job was not requeued"
echo "$(grep -c 'stopped before the time limit' "$folder/requeued.out") requeue"

for name in whole requeued; do
  "$millrace" inspect "$folder/$name" --verify || fail "$name"
  "$millrace" inspect "$folder/$name" --digest | tee "$folder/$name.digest"
done
cmp "$folder/whole.digest" "$folder/requeued.digest" || fail "the digests differ"
