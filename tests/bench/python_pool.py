# SPDX-License-Identifier: Apache-2.0
"""The same rows through the same chain, by Millrace (mpirun -n 2, into HDF5, up to the last commit) and by Python as the
paper's process pool does it: messages packed as base64 of zlib of a JSON array, unpacked and preprocessed with pandas and
scikit-learn by a ProcessPoolExecutor of two. The pool has no sink and gives back only how many rows are left. It gets a
first part of the rows where it would take longer than a minute, and that is said.

    python_pool.py MILLRACE [--rows N] [--rounds N]

Prints a table and one JSON line: rows/s of both and their ratio, in turns, medians."""
import base64
import concurrent.futures
import json
import pathlib
import statistics
import sys
import tempfile
import time
import zlib

import pandas
from sklearn.preprocessing import Normalizer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
import millrace_runs as runs  # noqa: E402

CHAIN = ["fillna_zeros", "normalizer", "drop_duplicates"]
# Rows a message, and how many rows the pool gets.
POOL_ROWS = {1: 10_000, 10: 100_000, 100: 500_000, 1000: None, 10_000: None}


def pack(rows):
    return base64.b64encode(zlib.compress(b"[" + b",".join(rows) + b"]"))


def preprocess(packed):
    frame = pandas.DataFrame(json.loads(zlib.decompress(base64.b64decode(packed))))
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = Normalizer().fit_transform(frame[numbers].fillna(0))
    return len(frame.drop_duplicates())


def warm_up(_):
    return pandas.DataFrame({"x": [1.0]}).sum().x


def pool_rate(pool, lines, factor):
    begin = time.monotonic()
    messages = [pack(lines[first:first + factor]) for first in range(0, len(lines), factor)]
    rows = sum(pool.map(preprocess, messages))
    seconds = time.monotonic() - begin
    if not 0 < rows <= len(lines):
        raise SystemExit(f"the pool gave back {rows} of {len(lines)} rows")
    return len(lines) / seconds


def millrace_rate(options, folder, rows, factor):
    project = runs.write_project(folder / "bench.json", rows, folder / "out", buffering_factor=factor, chain=CHAIN,
                                 sink={"hdf5": {"path": str(folder / "out"), "compression": "none"}})
    runs.must_run(runs.mpirun_command(options.millrace, 2, project, "--overwrite"))
    report = json.loads((folder / "out" / "report.json").read_text())
    return options.rows / report["wall_s"]


def compare(options, folder, pool, rows, lines, factor):
    part = lines[:POOL_ROWS[factor]]
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(millrace_rate(options, folder, rows, factor))
        theirs.append(pool_rate(pool, part, factor))
    ours, theirs = statistics.median(ours), statistics.median(theirs)
    print(f"{factor:6} rows a message: Millrace {ours:10.0f} rows/s, the pool {theirs:8.0f}, ratio {ours / theirs:8.1f}"
          + (f" (the pool on the first {len(part)} rows)" if len(part) < len(lines) else ""), flush=True)
    return {"rows_a_message": factor, "millrace_rows_per_s": round(ours), "pool_rows_per_s": round(theirs),
            "pool_rows": len(part), "ratio": round(ours / theirs, 1)}


def main():
    arguments = runs.parser(__doc__, rows=750_000)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as temporary:
        folder = runs.work_folder(options) if options.folder else pathlib.Path(temporary)
        rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows)
        lines = rows.read_bytes().splitlines()
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            list(pool.map(warm_up, range(8)))
            results = [compare(options, folder, pool, rows, lines, factor) for factor in POOL_ROWS]
    print(json.dumps({"python_pool": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
