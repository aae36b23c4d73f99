# SPDX-License-Identifier: Apache-2.0
"""Chains of all tasks give the digests recorded in golden_digests.json: in every build, on every vector path.

    golden_digests_test.py MILLRACE [--record]

The input is generated, the same bytes everywhere, so a digest that differs is a result that differs. --record writes the
file anew, for a change that is meant to change results."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden_digests.json"
GENERATE = ["generate", "--rows", "3000", "--seed", "5", "--missing", "0.02", "--absent", "0.01", "--duplicates", "0.05"]
TIME_LIMIT_S = 120
# The widest path that is left: for the kernels by our variable, for JSON's scanner by simdjson's.
PATHS = {"avx512": "icelake", "avx2": "haswell", "plain": "fallback"}

NAMES = """abs aggregated_sum drop_duplicates fillna_mean fillna_median fillna_zeros handling_missing max_abs_scaler
    min_max_scaler_0_1 min_max_scaler_m1_1 normalizer quantile_transformer_normal quantile_transformer_uniform
    robust_scaler standard_scaler""".split()
FILL = [{"task": "fillna_mean", "columns": ["*Temp*"]}, {"task": "fillna_median", "columns": ["*Humidity", "wind*"]},
        {"task": "fillna_zeros", "columns": ["rain*", "ET"]}]
SCALE = ["standard_scaler", {"task": "robust_scaler", "unit_variance": True}, "max_abs_scaler", "min_max_scaler_0_1",
         "min_max_scaler_m1_1"]
QUANTILES = ["quantile_transformer_uniform", "quantile_transformer_normal"]
# name: rows a message, chain. Quantiles come early: they see ranks, and would hide what differs in the last bits.
CHAINS = {
    "all 15, gaps filled first": (1000, [*FILL, "handling_missing", "drop_duplicates", *QUANTILES, *SCALE, "normalizer",
                                         "abs", "aggregated_sum"]),
    "all 15, gaps kept for long": (97, ["drop_duplicates", *reversed(QUANTILES), "abs", *reversed(SCALE),
                                        {"task": "normalizer", "missing": "skip"}, *reversed(FILL),
                                        {"task": "handling_missing", "thresh": 33}, "aggregated_sum"]),
}


def task_of(step):
    return step if isinstance(step, str) else step["task"]


# A sum hides where it differs, so each chain without it, and each task on its own.
for title, (rows, steps) in list(CHAINS.items()):
    assert sorted(map(task_of, steps)) == NAMES
    CHAINS[f"{title}, not summed"] = (rows, steps[:-1])
CHAINS |= {name: (500, [{"task": name, "missing": "skip"} if name == "normalizer" else name]) for name in NAMES}


def call(options, path, *words):
    environment = {**os.environ, "MILLRACE_VECTOR_PATH": path, "SIMDJSON_FORCE_IMPLEMENTATION": PATHS[path]}
    run = subprocess.run([options.millrace, *words], env=environment, capture_output=True, text=True, timeout=TIME_LIMIT_S)
    if run.returncode != 0:
        raise SystemExit(f"exit code {run.returncode}: {words}\n{run.stderr}")
    return run.stdout.strip()


def paths_of(options):
    """Those that this processor has: where a wider one is asked for, the widest there is stands in."""
    return [path for path in PATHS if call(options, path, "version").endswith(f"vectors {path}")]


def digest(options, path, folder, title):
    rows, steps = CHAINS[title]
    project = {"source": {"jsonl": {"path": str(folder / "rows.jsonl")}}, "sink": {"hdf5": {"path": str(folder / "out")}},
               "buffering_factor": rows, "chain": steps, "worker_count": 2, "threads_per_worker": 2}
    (folder / "project.json").write_text(json.dumps(project))
    call(options, path, "run", str(folder / "project.json"), "--overwrite", "--quiet", "--transport", "loopback")
    return call(options, path, "inspect", str(folder / "out"), "--digest")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("millrace", type=pathlib.Path)
    arguments.add_argument("--record", action="store_true", help="write golden_digests.json anew")
    options = arguments.parse_args()
    different = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        call(options, "plain", *GENERATE, "--output", str(folder / "rows.jsonl"))
        if options.record:
            found = {title: digest(options, "plain", folder, title) for title in CHAINS}
            GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
        golden = json.loads(GOLDEN.read_text())
        assert golden.keys() == CHAINS.keys(), "golden_digests.json is of other chains; see --record"
        for path in paths_of(options):
            wrong = [title for title in CHAINS if digest(options, path, folder, title) != golden[title]]
            print(f"vector path {path}: {len(CHAINS)} chains, {len(wrong)} differ from what is recorded {wrong or ''}",
                  flush=True)
            different += len(wrong)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
