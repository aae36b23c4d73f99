# SPDX-License-Identifier: Apache-2.0
"""parity.py DRIVER [--table]: every task against the pandas or scikit-learn function that it is named after.

A value passes if it is equal, if it lies within 1e-12 of the larger of the value and its column's largest, or if it
is closer to the exact value than theirs. Not compared: values where theirs is infinite or NaN because the sum of the
column overflows. The driver must give the same bytes for every thread count and vector path. --table prints the table of README.md.
"""
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd

from parity_frames import all_frames
from parity_references import EXACT, OPTIONS, REFERENCES, numbers_of
from parity_stream import case_bytes, read_answers, type_of

TOLERANCE = 1e-12
ROWS_GO = ("aggregated_sum", "drop_duplicates", "handling_missing")
RUNS = [("1", "plain"), ("1", "avx2"), ("1", "avx512"), ("2", ""), ("4", "")]


def cases_by_frame():
    for label, frame in all_frames():
        cases = []
        for task, variants in OPTIONS.items():
            for variant in variants:
                options = dict(variant)
                if "columns" in options:
                    options["columns"] = numbers_of(frame, {})[: options["columns"]]
                if "values" in options:
                    options["values"] = options["values"][: len(options["columns"])]
                if "subset" in options:
                    options["subset"] = list(frame.columns[-options["subset"] :])
                cases.append((label, frame, task, options))
        yield cases


def option_text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def chain_text(task, options):
    return " ".join([task] + [f"{key}={option_text(value)}" for key, value in options.items()])


def run_driver(driver, cases, threads, path, folder):
    Path(folder, "cases").write_bytes(b"".join(cases))
    environment = {**os.environ, "MILLRACE_VECTOR_PATH": path}
    answers = Path(folder, "answers")
    subprocess.run([driver, str(Path(folder, "cases")), str(answers), threads], check=True, env=environment)
    return answers.read_bytes()


def overflows(values):
    """Is a sum or a difference of these values beyond the doubles? What they give then hangs on the order of adding."""
    with np.errstate(over="ignore"):
        return not np.isfinite(np.abs(values[~np.isnan(values)]).sum())


class Comparison:
    def __init__(self):
        self.values = Counter()
        self.closer = Counter()
        self.overflowed = Counter()
        self.largest = Counter()
        self.failures = []

    def fail(self, label, what):
        self.failures.append(f"{label}: {what}")

    def column(self, case, name, ours, theirs, original):
        label, task, options = case
        if type_of(ours) != type_of(theirs):
            return self.fail(label, f"{name} is {type_of(ours)}, expected {type_of(theirs)}")
        self.values[task] += len(ours)
        if type_of(ours) != "float64":
            same = (ours.isna() & theirs.isna()) | (ours == theirs).fillna(False)
            return same.all() or self.fail(label, f"{name} differs")
        a, b = ours.to_numpy(), theirs.to_numpy()
        with np.errstate(all="ignore"):
            finite = np.isfinite(b)
            largest = np.abs(b[finite]).max(initial=0)
            difference = np.abs(a - b)
            within = (a == b) | (np.isnan(a) & np.isnan(b)) | (finite & (difference <= TOLERANCE * largest))
            if (within & finite).any() and largest > 0:
                relative = (difference / largest)[within & finite].max()
                self.largest[task] = max(self.largest[task], relative)
        if not within.all():
            self.closer_to_exact(case, name, (a, b, ~within), original)
        return None

    def closer_to_exact(self, case, name, values, original):
        label, task, options = case
        a, b, open_rows = values
        inputs = original.to_numpy(dtype="float64", na_value=np.nan)
        if overflows(inputs) and not np.isfinite(b[open_rows]).any():
            self.overflowed[task] += int(open_rows.sum())
            return None
        where = f"{name}: row {np.flatnonzero(open_rows)[0]}: {a[open_rows][0]!r}, expected {b[open_rows][0]!r}"
        if task not in EXACT or not np.isfinite(a[open_rows]).all() or not np.isfinite(b[open_rows]).all():
            return self.fail(label, where)
        exact = EXACT[task](inputs, np.flatnonzero(open_rows), options)
        for row in exact:
            off, their_off = (abs(Decimal(float(v)) - exact[row]) for v in (a[row], b[row]))
            if off > their_off * (1 + Decimal("1e-30")):
                return self.fail(label, where + f", exactly {exact[row]:.20e}")
        self.closer[task] += int(open_rows.sum())
        return None

    def case(self, case, frame, answer):
        label, task, options = case
        if isinstance(answer, str):
            return self.fail(label, answer)
        ours, rejects, _ = answer
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            theirs = REFERENCES[task](frame, options)
        if list(ours.index) != list(theirs.index) or list(ours.columns) != list(theirs.columns):
            return self.fail(label, f"rows or columns differ: {len(ours)}, expected {len(theirs)}")
        if task not in ROWS_GO and len(ours) + len(rejects) != len(frame):
            return self.fail(label, "a row is neither in the result nor refused")
        for name in ours.columns:
            self.column(case, name, ours[name], theirs[name], frame[name])
        return None


def compare(comparison, driver, cases, folder):
    streams = [case_bytes(chain_text(task, options), frame) for _, frame, task, options in cases]
    first = run_driver(driver, streams, *RUNS[0], folder)
    for threads, path in RUNS[1:]:
        if run_driver(driver, streams, threads, path, folder) != first:
            comparison.fail(cases[0][0], f"other bytes on {threads} threads, vector path {path or 'by default'}")
    for (label, frame, task, options), answer in zip(cases, read_answers(first, len(cases))):
        comparison.case((f"{chain_text(task, options)}: {label}", task, options), frame, answer)


def print_lines(number, comparison):
    for task in sorted(number):
        print(f"{task:30} {number[task]:6} cases {comparison.values[task]:10} values, largest difference "
              f"{comparison.largest[task]:.1e}, closer to exact {comparison.closer[task]}, "
              f"overflowed there {comparison.overflowed[task]}")


def print_table(number, comparison):
    print("| task | cases | values compared | largest difference | closer to the exact value than theirs |\n|---|---|---|---|---|")
    for task in sorted(number):
        largest = f"{comparison.largest[task]:.1e}" if comparison.largest[task] else "none"
        print(f"| `{task}` | {number[task]:,} | {comparison.values[task]:,} | {largest} | {comparison.closer[task]:,} |")
    print(f"| all | {number.total():,} | {comparison.values.total():,} | {max(comparison.largest.values()):.1e} "
          f"| {comparison.closer.total():,} |")


def main():
    comparison = Comparison()
    number = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for cases in cases_by_frame():
            number.update(task for _, _, task, _ in cases)
            compare(comparison, sys.argv[1], cases, folder)
    (print_table if "--table" in sys.argv else print_lines)(number, comparison)
    print(f"{number.total()} cases, {len(comparison.failures)} failures")
    for failure in comparison.failures[:40]:
        print("FAILED", failure)
    sys.exit(1 if comparison.failures else 0)


if __name__ == "__main__":
    main()
