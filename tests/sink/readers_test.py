# SPDX-License-Identifier: Apache-2.0
"""An output opens in h5py, xarray (both engines) and pandas without code of ours: readers_test.py WRITE_SAMPLE."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np
import pandas as pd
import xarray as xr

WRITE_SAMPLE = sys.argv.pop() if len(sys.argv) > 1 else "write_sample"
ENGINES = ("netcdf4", "h5netcdf")
ROWS = np.arange(200)
LABELS = ["", "N", "Süd", 'W"est"', "", "NNE"]
WINDS = np.array(["N", "Süd", 'W"est"', "", "NNE"], dtype=object)[ROWS // 3 % 5]


def is_missing(every, first_message=4):
    """Rows from message 4 on have missing values, one in `every`."""
    return (ROWS >= 10 * first_message) & (ROWS % every == every - 1)


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        path = pathlib.Path(cls.folder.name)
        cls.file = {}
        samples = {"time": ["20"], "row": ["20", "no-time", "source-row"], "none": ["0"], "fits": ["100", "keep-fits"],
                   "no fits": ["0", "keep-fits"]}
        for name, words in samples.items():
            subprocess.run([WRITE_SAMPLE, path / name, *words], check=True)
            cls.file[name] = path / name / "results.h5"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def open(self, name, engine, group=None):
        dataset = xr.open_dataset(self.file[name], engine=engine, group=group)
        self.addCleanup(dataset.close)
        return dataset

    def test_xarray_decodes_every_type(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                x = self.open("time", engine)
                self.assertEqual(x["dateTime"].dtype, "datetime64[ns]")
                self.assertEqual(x["dateTime"].values[1], np.datetime64("2023-11-14T22:14:20"))
                self.assertEqual(x["isRaining"].dtype, bool)
                self.assertEqual(x["count"].dtype, np.int64)
                valid = x["count_valid"].values
                np.testing.assert_array_equal(valid, ~is_missing(4))
                np.testing.assert_array_equal(x["count"].values[valid], (2**60 + ROWS)[valid])
                np.testing.assert_array_equal(np.isnan(x["outTemp"].values), is_missing(5))
                self.assertEqual(x["outTemp"].attrs["units"], "degree_C")
                self.assertEqual(x.attrs["Conventions"], "CF-1.8")

    def test_xarray_gives_texts_as_texts(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                x = self.open("time", engine)
                winds = x["windDir_labels"][x["windDir"]].values
                np.testing.assert_array_equal(winds[~is_missing(7)], WINDS[~is_missing(7)])
                self.assertEqual(list(x["windDir_labels"].values), LABELS)
                notes = x["note"].values
                self.assertEqual(notes[0], "nöte 0")
                self.assertEqual(notes[197], "" if is_missing(3)[197] else "nöte 197")

    def test_no_phony_dimension(self):
        for engine in ENGINES:
            for name, dimension in (("time", "dateTime"), ("row", "row"), ("none", "dateTime")):
                with self.subTest(engine=engine, name=name):
                    x = self.open(name, engine)
                    self.assertEqual(set(x.dims), {dimension, "windDir_labels"})
                    self.assertEqual(x["outTemp"].dims, (dimension,))
                    self.assertEqual("row" in x.coords, False)
                    self.assertEqual(set(self.open(name, engine, "provenance").dims), {"message"})

    def test_segments_open_on_their_own(self):
        for engine in ENGINES:
            for segment in sorted((self.file["time"].parent / "segments").glob("*.h5")):
                with self.subTest(engine=engine, segment=segment.name), xr.open_dataset(segment, engine=engine) as x:
                    self.assertEqual(set(x.dims), {"dateTime"})
                    x.load()

    def test_provenance(self):
        for engine in ENGINES:
            x = self.open("time", engine, "provenance")
            np.testing.assert_array_equal(x["sequence"], np.arange(20))
            np.testing.assert_array_equal(x["rows_in"], np.full(20, 11))
            np.testing.assert_array_equal(x["first_row"], 10 * np.arange(20))
            self.assertEqual(x["last_arrival"].values[0], np.datetime64("2023-11-14T22:13:21"))

    def test_fits(self):
        self.assertLess(len(list((self.file["fits"].parent / "segments").iterdir())), 34, "no segments were merged")
        for engine in ENGINES:
            x = self.open("fits", engine, "fits")
            self.assertEqual(set(x.dims), {"fit", "name_labels"})
            names = x["name_labels"].values[x["name"].values]
            mean = names == "0/standard_scaler/outTemp/mean"
            np.testing.assert_array_equal(x["sequence"].values[mean], np.arange(100))
            np.testing.assert_array_equal(x["value"].values[mean], 0.5 * np.arange(100))
            times = np.arange(100) % 3
            np.testing.assert_array_equal(x["sequence"].values[~mean], np.repeat(np.arange(100), times))
            self.assertEqual(set(names[~mean]), {"1/quantile_transformer_uniform/outTemp/quantiles"})
            self.assertEqual(self.open("no fits", engine, "fits").sizes["fit"], 0)
        with h5py.File(self.file["time"]) as file:
            self.assertNotIn("fits", file)

    def test_a_run_without_rows(self):
        for engine in ENGINES:
            x = self.open("none", engine).load()
            self.assertEqual(x.sizes["dateTime"], 0)
            self.assertEqual(x["note"].dtype, object)

    def test_source_rows(self):
        x = self.open("row", "h5netcdf")
        np.testing.assert_array_equal(x["source_row"], ROWS + ROWS // 10 + 1)

    def test_pandas(self):
        frame = self.open("time", "netcdf4").drop_dims("windDir_labels").to_dataframe()
        self.assertEqual(len(frame), 200)
        self.assertEqual(frame.index[0], pd.Timestamp("2023-11-14T22:13:20"))
        self.assertEqual(frame["note"].iloc[0], "nöte 0")

    def test_h5py(self):
        with h5py.File(self.file["time"]) as file:
            self.assertEqual(list(file["windDir_labels"].asstr()[:]), LABELS)
            winds = file["windDir_labels"].asstr()[:][file["windDir"][:]]
            np.testing.assert_array_equal(winds[~is_missing(7)], WINDS[~is_missing(7)])
            self.assertTrue(file["outTemp"].is_virtual)
            self.assertEqual(file["outTemp"].dims[0][0].name, "/dateTime")
            self.assertEqual(file["note"][:].view("S12")[0, 0].decode(), "nöte 0")
            self.assertEqual(file.attrs["project"], '{"description": "Wetter für alle"}')


if __name__ == "__main__":
    unittest.main()
