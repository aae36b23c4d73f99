# SPDX-License-Identifier: Apache-2.0
"""The same rows through the same chain, by Millrace (mpirun -n 2, into HDF5, up to the last commit) and by Python, in
turns:

    millrace          uncompressed
    deflate 1         Millrace, with its output compressed so
    pool              the paper's process pool of two, packed messages, no sink (peers_pool.py)
    celery by task    Celery with Redis, two processes, each subtask of the chain a task, as in the paper; no sink
    celery whole      the same with the whole chain as one task (peers_celery.py for both)
    numpy             two processes, the whole file at once into HDF5, without messages (peers_numpy.py): the same work
                      in every line, measured anew beside the others

    python_peers.py MILLRACE [--rows N] [--rounds N] [--quick]

Who would take longer than a minute gets a first part of the rows, for about 15 s; its figure bears * and their number.
What the peers compute is compared first. Prints tables of rows/s and ratios, medians and best, and one JSON line."""
import argparse
import concurrent.futures
import contextlib
import functools
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
import millrace_runs as runs  # noqa: E402
import peers_celery  # noqa: E402
import peers_check  # noqa: E402
import peers_numpy  # noqa: E402
import peers_pool  # noqa: E402

FACTORS = [1, 10, 100, 1000, 10_000]
COMPRESSIONS = {"millrace": "none", "deflate 1": "deflate-1"}
QUICK = {"rows": 2000, "rounds": 1, "limit_s": 2, "part_s": 1, "trial_s": 0.1}


class Sitting:
    def __init__(self, options, folder, pool, celery):
        self.options, self.folder, self.pool, self.celery = options, folder, pool, celery
        self.rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows)
        self.lines = self.rows.read_bytes().splitlines()

    def millrace_rate(self, compression, factor):
        report = peers_check.run_millrace(self.options.millrace, self.folder, self.rows, factor, compression)
        if report["rows_in_run"] != len(self.lines):
            raise SystemExit(f"Millrace took {report['rows_in_run']} of {len(self.lines)} rows")
        return len(self.lines) / report["wall_s"]

    def peers_with_messages(self):
        """By name: what gives the rate of lines and a number of rows a message."""
        yield "pool", functools.partial(peers_pool.rate, self.pool)
        if self.celery:
            yield "celery by task", functools.partial(self.celery.rate, self.celery.tasks.send_by_task)
            yield "celery whole", functools.partial(self.celery.rate, self.celery.tasks.send_at_once)

    def part_for(self, rate, factor):
        """The first lines, or all; the rate is found on a growing part."""
        rows, seconds = factor, 0
        while rows < len(self.lines) and seconds < self.options.trial_s:
            rows = min(4 * rows, len(self.lines))
            begin = time.monotonic()
            rate(self.lines[:rows], factor)
            seconds = time.monotonic() - begin
        if len(self.lines) * seconds <= self.options.limit_s * rows:
            return self.lines
        return self.lines[:max(1, round(self.options.part_s / seconds * rows / factor)) * factor]

    def systems(self, factor):
        """By name: what gives a rate, and on how many rows."""
        found = {name: (functools.partial(self.millrace_rate, compression, factor), len(self.lines))
                 for name, compression in COMPRESSIONS.items()}
        for name, rate in self.peers_with_messages():
            part = self.part_for(rate, factor)
            found[name] = functools.partial(rate, part, factor), len(part)
        count = len(self.lines)
        found["numpy"] = functools.partial(peers_numpy.rate, self.pool, self.rows, self.folder, count), count
        return found

    def measure(self, factor):
        """By the system's name: rows it ran on, and rows/s, median and best."""
        found = self.systems(factor)
        rates = {name: [] for name in found}
        for _ in range(self.options.rounds):
            for name, (rate, _) in found.items():
                os.sync()  # nobody pays for what the one before wrote
                rates[name].append(rate())
        return {name: {"rows": rows, "median": round(statistics.median(rates[name])), "best": round(max(rates[name]))}
                for name, (_, rows) in found.items()}


def print_line(first, cells):
    print(f"{first:<16}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def print_rates(rows, factor, measured, statistic):
    print_line(f"{factor:,}", [f"{system[statistic]:,}" + (f" *{system['rows']:,}" if system["rows"] < rows else "")
                               for system in measured.values()])


def ratios(measured, statistic):
    """How many times as fast as each other system Millrace is, uncompressed."""
    return {name: round(measured["millrace"][statistic] / system[statistic], 2) for name, system in measured.items()}


def print_ratios(results, statistic):
    print_line(f"times, {statistic}", results[FACTORS[0]])
    for factor, measured in results.items():
        print_line(f"{factor:,}", [f"{ratio:,}" for ratio in ratios(measured, statistic).values()])


def measure_all(sitting):
    results = {}
    for factor in FACTORS:
        results[factor] = sitting.measure(factor)
        if len(results) == 1:
            print_line("rows/s, median", results[factor])
        print_rates(len(sitting.lines), factor, results[factor], "median")
    print_ratios(results, "median")
    print_line("rows/s, best", results[FACTORS[0]])
    for factor, measured in results.items():
        print_rates(len(sitting.lines), factor, measured, "best")
    print_ratios(results, "best")
    return [{"rows_a_message": factor, "rows_per_s": measured, "times_median": ratios(measured, "median"),
             "times_best": ratios(measured, "best")} for factor, measured in results.items()]


def celery_if_installed(folder):
    if peers_celery.installed():
        return peers_celery.PrivateCelery(folder)
    print(f"Celery with Redis is left out; to install it: {peers_celery.INSTALL}", flush=True)
    return contextlib.nullcontext()


def parse_options():
    arguments = runs.parser(__doc__, rows=750_000)
    arguments.formatter_class = argparse.RawDescriptionHelpFormatter
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--quick", action="store_true", help=f"a trial: {QUICK['rows']} rows, once")
    arguments.set_defaults(limit_s=60, part_s=15, trial_s=1)
    options = arguments.parse_args()
    if options.quick:
        vars(options).update(QUICK)
    return options


def main():
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that Celery and Redis are stopped
    with tempfile.TemporaryDirectory(prefix="millrace-bench-") as temporary:
        folder = runs.work_folder(options) if options.folder else pathlib.Path(temporary)
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            list(pool.map(peers_pool.warm_up, range(8)))  # first of all, since it forks this process
            with celery_if_installed(folder) as celery:
                peers_check.check(options.millrace, folder, pool, celery)
                results = measure_all(Sitting(options, folder, pool, celery))
    print(json.dumps({"python_peers": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
