# SPDX-License-Identifier: Apache-2.0
"""End to end: a file of weather rows in the page cache through two ranks into an uncompressed HDF5 output, for growing
numbers of rows; beside it, in the same minute, cat of the input and write + fsync of as many bytes as came out. Prints a
table and one JSON line."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
import millrace_runs as runs  # noqa: E402


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def write_and_sync(path, size):
    block = bytes(1 << 20)
    with open(path, "wb") as file:
        for _ in range(max(1, size >> 20)):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def project_for(folder, rows, sink, **changes):
    return runs.write_project(folder / "bench.json", rows, folder / "out", buffering_factor=1000, sink=sink,
                              chain=["fillna_zeros", "normalizer", "drop_duplicates"], **changes)


def report_of(folder, command):
    runs.must_run(command)
    return json.loads((folder / "out" / "report.json").read_text())


def measure_rows(options, folder, count):
    rows = runs.write_rows(options.millrace, folder / f"{count}.jsonl", count)
    project = project_for(folder, rows, {"hdf5": {"path": str(folder / "out"), "compression": options.compression}})
    command = runs.mpirun_command(options.millrace, options.ranks, project, "--overwrite")
    reports, cats, writes = [], [], []
    for _ in range(options.rounds):
        cats.append(timed(lambda: subprocess.run(["cat", rows], stdout=subprocess.DEVNULL, check=True)))
        reports.append(report_of(folder, command))
        size = sum(file.stat().st_size for file in (folder / "out").rglob("*.h5"))
        writes.append(timed(lambda: write_and_sync(folder / "yardstick", size)))
    if not options.keep:
        rows.unlink()
    walls = [report["wall_s"] for report in reports]
    return {"rows": count, "rows_per_s_median": round(count / statistics.median(walls)),
            "rows_per_s_best": round(count / min(walls)), "start_s": round(statistics.median(r["start_s"] for r in reports), 3),
            "cat_ratio": round(statistics.median(walls) / statistics.median(cats), 1),
            "write_ratio": round(statistics.median(walls) / statistics.median(writes), 1),
            "peak_mb": [round(max(r["ranks"][rank]["peak_memory_bytes"] for r in reports) / 1e6) for rank in range(options.ranks)],
            "busy": [round(r["ranks"][1]["busy_share"], 2) for r in reports]}


def main():
    arguments = runs.parser(__doc__, rows=0)
    arguments.add_argument("--counts", type=int, nargs="+", default=[75_000, 750_000, 7_500_000])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--ranks", type=int, default=2)
    arguments.add_argument("--compression", default="none")
    arguments.add_argument("--keep", action="store_true", help="keep the generated rows")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as temporary:
        folder = runs.work_folder(options) if options.folder else pathlib.Path(temporary)
        results = [measure_rows(options, folder, count) for count in options.counts]
    for result in results:
        print("  ".join(f"{name} {value}" for name, value in result.items()), flush=True)
    print(json.dumps({"end_to_end": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
