# SPDX-License-Identifier: Apache-2.0
"""Frames for the comparison with pandas and scikit-learn: sensor-like, hostile, and scikit-learn's own data sets."""
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

ROWS = (1, 2, 7, 100, 10000)


def with_gaps(values, random, share):
    return np.where(random.random(len(values)) < share, np.nan, values)


def whole(values, random, share):
    return pd.Series(pd.arrays.IntegerArray(np.asarray(values, "int64"), random.random(len(values)) < share))


def texts(values, random, share):
    return pd.Series([None if random.random() < share else v for v in values], dtype=object)


def sensor(rows, random, share=0.01):
    """Rounded and tied numbers with gaps, whole numbers, texts, times, flags, and rows that repeat."""
    step = np.arange(rows)
    frame = pd.DataFrame(
        {
            "dateTime": pd.Series(np.datetime64("2024-01-01", "s") + 60 * step),
            "outTemp": with_gaps(np.round(12 + 8 * np.sin(step / 200) + random.normal(0, 1, rows), 1), random, share),
            "barometer": with_gaps(np.round(1013 + random.normal(0, 4, rows).cumsum() / 50, 2), random, share),
            "rain": with_gaps(np.where(random.random(rows) < 0.9, 0, random.exponential(1, rows).round(1)), random, share),
            "wind": with_gaps(random.weibull(2, rows) * 5, random, share),
            "count": whole(random.integers(-50, 50, rows), random, share),
            "id": whole(2**60 + random.integers(0, 3, rows), random, 0),
            "station": texts(random.choice(["Graz", "Wien", "", "Åre"], rows), random, share),
            "ok": pd.Series(pd.arrays.BooleanArray(random.random(rows) < 0.5, random.random(rows) < share)),
        }
    )
    repeated = random.random(rows) < 0.2
    source = np.where(repeated, np.maximum(step - random.integers(1, 5, rows), 0), step)
    return frame.iloc[source].reset_index(drop=True)


def hostile_columns(rows, random):
    normal = random.normal(0, 1, rows)
    signs = np.where(random.random(rows) < 0.5, -1.0, 1.0)
    one_only = np.full(rows, np.nan)
    one_only[rows // 2] = 3.25
    yield "constant", np.full(rows, 0.1)
    yield "constant_large", np.full(rows, 123456789.123)
    yield "constant_gaps", with_gaps(np.full(rows, 0.7), random, 0.3)
    yield "all_missing", np.full(rows, np.nan)
    yield "one_present", one_only
    yield "zeros", np.where(signs < 0, -0.0, 0.0)
    yield "negative_zeros", np.full(rows, -0.0)
    yield "nearly_constant", 1e8 + normal * 1e-3
    yield "nearly_constant_ulps", 1e9 * (1 + np.finfo(float).eps * random.integers(0, 3, rows))
    yield "hardly_constant", 5 + normal * 1e-14
    yield "below_ten_epsilons", random.random(rows) * 2e-15
    yield "denormals", random.integers(0, 1000, rows) * 5e-324
    yield "tiny", normal * 1e-150
    yield "tinier", normal * 1e-160
    yield "large", normal * 1e150
    yield "larger", normal * 1e160
    yield "overflowing_squares", np.round(normal * 8) * 1e200
    yield "at_the_limit", signs * 1.6e308
    yield "mixed_exponents", normal * 10.0 ** random.integers(-20, 20, rows)
    yield "outlier", np.where(np.arange(rows) == rows // 3, 1e12, normal)
    yield "lognormal", np.exp(normal * 5)
    yield "ties", random.integers(0, 4, rows).astype(float)
    yield "many_gaps", with_gaps(normal, random, 0.6)
    yield "ascending", np.arange(rows) * 0.1
    yield "descending", np.arange(rows)[::-1] * 1e10
    yield "cancelling", signs * 1e16 + normal
    yield "narrow", 1 + random.random(rows) * 1e-8
    yield "uniform", random.random(rows)


def hostile(rows, random):
    """One frame for every hostile column on its own, and one of all that can stand together in a row."""
    columns = dict(hostile_columns(rows, random))
    for name, values in columns.items():
        yield name, pd.DataFrame({name: values})
    yield "all hostile", pd.DataFrame(columns)
    calm = [name for name in columns if not np.isnan(columns[name]).any() and "limit" not in name]
    yield "hostile without gaps", pd.DataFrame({name: columns[name] for name in calm})


def bundled():
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_diabetes):
        frame = load(as_frame=True).data.astype("float64")
        frame.columns = [name.replace(" ", "_") for name in frame.columns]
        yield load.__name__[5:], frame
    series = pd.read_csv(Path(__file__).parents[2] / "data" / "airquality.csv")
    yield "air quality", series.astype({n: "float64" for n in series.select_dtypes("number")})


def all_frames():
    for rows in ROWS:
        random = np.random.default_rng(rows)
        yield f"sensor, {rows} rows", sensor(rows, random)
        yield f"sensor without gaps, {rows} rows", sensor(rows, random, 0)
        yield f"sensor with many gaps, {rows} rows", sensor(rows, random, 0.4)
        for name, frame in hostile(rows, random):
            yield f"{name}, {rows} rows", frame
    for number in range(60):
        random = np.random.default_rng(1000 + number)
        yield f"random {number}", sensor(int(random.integers(1, 300)), random, random.choice([0, 0.02, 0.5]))
    yield from bundled()
    yield "sensor, no rows", sensor(5, np.random.default_rng(0)).iloc[:0]
