# SPDX-License-Identifier: Apache-2.0
"""What `"keep_fits": true` stores undoes what the tasks did, and is what scikit-learn would have been fitted to."""
import json
import shutil
import sys

import h5py
import numpy as np
import pandas as pd
from sklearn import preprocessing

import millrace_runs as runs

MESSAGE_ROWS = 500
# None is ever nearly constant, which one scaler after the other would blow up to the noise of its rounding.
COLUMNS = ["outTemp", "inTemp", "outHumidity", "barometer", "windSpeed"]
CHAIN = [{"columns": COLUMNS, **step} for step in (
    {"task": "fillna_mean"}, {"task": "standard_scaler"},
    {"task": "robust_scaler", "unit_variance": True, "quantile_range": [10, 90]},
    {"task": "min_max_scaler", "feature_range": [-3, 5]}, {"task": "max_abs_scaler"})]
SCALERS = {
    "1/standard_scaler": (preprocessing.StandardScaler(), {"mean": "mean_", "scale": "scale_"}),
    "2/robust_scaler": (preprocessing.RobustScaler(unit_variance=True, quantile_range=(10, 90)),
                        {"center": "center_", "scale": "scale_"}),
    "3/min_max_scaler": (preprocessing.MinMaxScaler((-3, 5)), {"min": "min_", "scale": "scale_"}),
    "4/max_abs_scaler": (preprocessing.MaxAbsScaler(), {"scale": "scale_"}),
}
QUANTILES = {"task": "quantile_transformer_normal", "n_quantiles": 40, "columns": ["outTemp", "rain"]}
TOLERANCE = 1e-11


def expect(is_true, what):
    if not is_true:
        raise SystemExit(f"wrong: {what}")


def expect_close(ours, theirs, what):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    largest = np.nanmax(np.abs(theirs), initial=1)  # scaled values are of the order of 1
    close = (np.abs(ours - theirs) <= TOLERANCE * largest) | (np.isnan(ours) & np.isnan(theirs))
    expect(ours.shape == theirs.shape and close.all(), f"{what}: {ours}, expected {theirs}")


class Output:
    """The rows of an output, and each fit as an array of one row a message."""

    def __init__(self, path):
        with h5py.File(path / "results.h5") as file:
            self.columns = {name: file[name][:] for name in file if name not in ("provenance", "fits")}
            provenance = file["provenance"]
            self.messages = [slice(a, a + n) for a, n in zip(provenance["first_row"], provenance["rows_out"])]
            fits = file["fits"]
            labels, code, sequence = list(fits["name_labels"].asstr()), fits["name"][:], fits["sequence"][:]
            self.fits = {}
            for name in labels[1:]:
                chosen = code == labels.index(name)
                self.fits[name] = fits["value"][chosen].reshape(len(self.messages), -1)
                each = self.fits[name].shape[1]
                expect(np.array_equal(sequence[chosen], np.repeat(np.arange(len(self.messages)), each)), f"messages of {name}")


def inputs_of(rows):
    frame = pd.read_json(rows, lines=True)
    return [frame[begin : begin + MESSAGE_ROWS] for begin in range(0, len(frame), MESSAGE_ROWS)]


def check_scalers(output, inputs):
    for which, (frame, rows) in enumerate(zip(inputs, output.messages)):
        frame = frame[COLUMNS].astype("float64")
        values = frame.fillna(frame.mean())
        for name in frame:
            expect_close(output.fits[f"0/fillna_mean/{name}/fill"][which, 0], frame[name].mean(), f"fill of {name}")
        filled = values.to_numpy()
        for step, (scaler, parameters) in SCALERS.items():
            values = scaler.fit_transform(values)
            for parameter, attribute in parameters.items():
                stored = [output.fits[f"{step}/{name}/{parameter}"][which, 0] for name in frame]
                expect_close(stored, getattr(scaler, attribute), f"{step} {parameter}, message {which}")
                setattr(scaler, attribute, np.array(stored))
        back = np.column_stack([output.columns[name][rows] for name in frame])
        for scaler, _ in reversed(SCALERS.values()):
            back = scaler.inverse_transform(back)
        for place, name in enumerate(frame):
            expect_close(back[:, place], filled[:, place], f"{name} undone, message {which}")


def check_quantiles(output, inputs):
    for which, (frame, rows) in enumerate(zip(inputs, output.messages)):
        columns = frame[QUANTILES["columns"]].astype("float64").to_numpy()
        transformer = preprocessing.QuantileTransformer(n_quantiles=40, output_distribution="normal", subsample=len(frame))
        expected = transformer.fit(columns).inverse_transform(transformer.transform(columns))
        stored = [output.fits[f"0/{QUANTILES['task']}/{name}/quantiles"][which] for name in QUANTILES["columns"]]
        expect_close(np.column_stack(stored), transformer.quantiles_, f"quantiles of message {which}")
        transformer.quantiles_ = np.column_stack(stored)
        found = transformer.inverse_transform(np.column_stack([output.columns[name][rows] for name in QUANTILES["columns"]]))
        expect_close(found, expected, f"quantiles undone, message {which}")


class Runs:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rows = runs.write_rows(options.millrace, folder / "rows-1.jsonl", options.rows, options.seed)

    def run(self, name, chain, launcher=(), keep_fits="true"):
        output = self.folder / name
        changes = {"chain": chain, "buffering_factor": MESSAGE_ROWS, "segment_rows": 10**6}
        project = runs.write_project(self.folder / "project.json", self.folder / "rows-*.jsonl", output, **changes)
        more = ["--set", f"sink.hdf5.keep_fits={keep_fits}", "--set", "sink.hdf5.segment_seconds=0"]
        more += [] if launcher else ["--transport", "loopback"]
        runs.must_run([*launcher, self.options.millrace, "run", project, "--quiet", *more])
        runs.verify(self.options.millrace, output)
        return output

    def check_other_settings_are_refused(self):
        command = [self.options.millrace, "run", self.folder / "project.json", "--quiet", "--set", "sink.hdf5.keep_fits=false"]
        said = runs.must_run([*command, "--transport", "loopback"], expected=3)
        expect("keep_fits: stored true, now false" in said, said)


def main():
    options = runs.parser(__doc__, rows=10000).parse_args()
    folder = runs.work_folder(options)
    work = Runs(options, folder)
    inputs = inputs_of(work.rows)
    kept, without = work.run("kept", CHAIN), work.run("without", CHAIN, keep_fits="false")
    expect(runs.digest(options.millrace, kept) == runs.digest(options.millrace, without), "the digest")
    expect(len(list((kept / "segments").iterdir())) < len(inputs), "no segments were merged")
    check_scalers(Output(kept), inputs)
    check_quantiles(Output(work.run("quantiles", [QUANTILES])), inputs)
    other = Output(work.run("ranks", CHAIN, launcher=["mpirun", "-q", "-n", "3"]))
    expect(all(np.array_equal(a, other.fits[n], equal_nan=True) for n, a in Output(kept).fits.items()), "fits by other ranks")
    # More input: another process goes on in the same output, with the names that it finds there.
    runs.write_rows(options.millrace, folder / "rows-2.jsonl", options.rows, options.seed + 1)
    check_scalers(Output(work.run("kept", CHAIN)), inputs + inputs_of(folder / "rows-2.jsonl"))
    work.check_other_settings_are_refused()
    print(f"{len(inputs)} messages, then as many more: undone, and equal to scikit-learn's attributes")
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
