# SPDX-License-Identifier: Apache-2.0
"""One row in a hundred is not clean: the good ones come out as if it had never been there.

What depends on a whole message is held against pandas and scikit-learn on the good rows of each message; what depends on
a row alone, against a run over the clean rows. Worth calling with --rows 750000."""
import json
import random
import shutil
import sys

import h5py
import numpy as np
import pandas as pd
from sklearn.preprocessing import StandardScaler

import millrace_runs as runs
from dirty_sample import Sample

SHARE = 0.01
MESSAGE_ROWS = 1000
BY_ROW = ["fillna_zeros", "abs", {"task": "normalizer", "columns": ["outTemp", "*Humidity"]}]
BY_MESSAGE = ["fillna_mean", "standard_scaler", "drop_duplicates"]
TOLERANCE = 1e-11  # of the largest value of the column: two roundings of pandas and scikit-learn
LONG_ROWS = 3


def refused_rows():
    """Rows of the dirty samples that are refused by the schema of the weather station too; only a few of 1 MB."""
    fits = ("decode: not valid", "decode: column outTemp", "decode: column windDir", "decode: column dateTime")
    rows = [row.raw for row in Sample("dirty.jsonl").rows if (row.reason or "").startswith(fits)]
    long_rows = [row.raw for row in Sample("dirty_long.jsonl.gz").rows if (row.reason or "").startswith(fits)]
    return rows, long_rows


def mixed(clean, seed):
    """The lines with dirty ones among them, and which of them are good."""
    choose = random.Random(seed)
    rows, long_rows = refused_rows()
    count = round(len(clean) * SHARE / (1 - SHARE))
    dirty = [choose.choice(rows) for _ in range(count - LONG_ROWS)] + choose.choices(long_rows, k=LONG_ROWS)
    choose.shuffle(dirty)
    is_good = np.full(len(clean) + count, True)
    is_good[choose.sample(range(len(is_good)), count)] = False
    good, bad = iter(clean), iter(dirty)
    return [next(good) if is_clean else next(bad) for is_clean in is_good], is_good


def write_lines(path, lines):
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


class Mixture:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows, options.seed)
        self.clean = rows.read_bytes().splitlines()
        self.lines, self.is_good = mixed(self.clean, options.seed)
        self.rows = {"clean": rows, "mixed": write_lines(folder / "mixed.jsonl", self.lines)}
        self.schema = json.loads(runs.must_run([options.millrace, "schema", "--infer", rows]))

    def run(self, name, chain):
        output = self.folder / f"output-{name}"
        project = self.folder / "project.json"
        runs.write_project(project, self.rows[name], output, chain=chain, schema=self.schema, buffering_factor=MESSAGE_ROWS)
        more = ["--overwrite", "--set", "sink.hdf5.source_row=true", "--set", "threads_per_worker=2"]
        runs.must_run(runs.mpirun_command(self.options.millrace, 3, project, *more))
        runs.verify(self.options.millrace, output)
        return h5py.File(output / "results.h5")


def expect(is_true, what):
    if not is_true:
        raise SystemExit(f"wrong: {what}")


def check_rows(mixture):
    """Tasks that look at one row at a time: bit for bit, in every column."""
    with mixture.run("clean", BY_ROW) as clean, mixture.run("mixed", BY_ROW) as found:
        expect(list(clean) == list(found), "the data sets")
        for name in set(clean) - {"provenance", "source_row"}:
            same = clean[name][:].tobytes() == found[name][:].tobytes() if clean[name].dtype != object else \
                list(clean[name]) == list(found[name])
            expect(same, f"{name} differs from that of the clean rows")
        expect(np.array_equal(found["source_row"], np.flatnonzero(mixture.is_good)), "which rows were kept")
        print(f"{len(found['source_row'])} good rows of {len(mixture.lines)}: as from the clean file", flush=True)


def expected_of(lines):
    """What pandas and scikit-learn make of the good rows of one message."""
    frame = pd.DataFrame([json.loads(line) for line in lines])
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = frame[numbers].astype("float64")
    frame[numbers] = frame[numbers].fillna(frame[numbers].mean())
    kept = ~frame.duplicated()
    frame[numbers] = StandardScaler().fit_transform(frame[numbers])
    return frame[kept], numbers


def check_message(found, rows, lines, which):
    expected, numbers = expected_of(lines)
    expect(rows.stop - rows.start == len(expected), f"message {which}: {rows} is not {len(expected)} rows")
    seconds = pd.to_datetime(expected["dateTime"], utc=True).astype("int64") // 10**9
    expect(np.array_equal(found["dateTime"][rows], seconds), f"message {which}: dateTime")
    for name in numbers:
        ours, theirs = found[name][rows], expected[name].to_numpy()
        close = np.abs(ours - theirs) <= TOLERANCE * np.nanmax(np.abs(theirs), initial=0)
        expect((close | (np.isnan(ours) & np.isnan(theirs))).all(), f"message {which}: {name}")
    return len(numbers) * len(expected)


def check_messages(mixture):
    values = 0
    with mixture.run("mixed", BY_MESSAGE) as file:
        found = {name: file[name][:] for name in file if name != "provenance"}
        messages = {name: file["provenance"][name][:] for name in ("rows_in", "rows_out", "rows_rejected", "first_row")}
        for which, begin in enumerate(range(0, len(mixture.lines), MESSAGE_ROWS)):
            good = mixture.is_good[begin : begin + MESSAGE_ROWS]
            expect(messages["rows_in"][which] == len(good), f"message {which}: rows in")
            expect(messages["rows_rejected"][which] == np.sum(~good), f"message {which}: rows rejected")
            rows = slice(messages["first_row"][which], messages["first_row"][which] + messages["rows_out"][which])
            lines = [mixture.lines[begin + place] for place in np.flatnonzero(good)]
            values += check_message(found, rows, lines, which)
    print(f"{which + 1} messages, {values} values: as pandas and scikit-learn make them of the good rows", flush=True)


def main():
    options = runs.parser(__doc__, rows=40000).parse_args()
    folder = runs.work_folder(options)
    mixture = Mixture(options, folder)
    check_rows(mixture)
    check_messages(mixture)
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
