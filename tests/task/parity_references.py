# SPDX-License-Identifier: Apache-2.0
"""What each task is named after, and exact values (in rational numbers) where floating point is not enough."""
import warnings
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import pandas as pd
from sklearn import preprocessing

from parity_stream import type_of

getcontext().prec = 60
getcontext().Emin, getcontext().Emax = -999999, 999999


def numbers_of(frame, options):
    names = options.get("columns", [n for n in frame.columns if type_of(frame[n]) in ("float64", "int64")])
    return [n for n in frame.columns if n in names]


def refused_rows(values, missing_too):
    bad = np.isinf(values)
    return (bad | np.isnan(values) if missing_too else bad).any(axis=1)


def transformed(frame, options, scaler, passes=None):
    """scikit-learn on the numeric columns as doubles, of the rows that it does not refuse."""
    names = numbers_of(frame, options)
    if not names:
        return frame
    values = frame[names].astype("float64").to_numpy(dtype="float64", na_value=np.nan)
    refused = refused_rows(values, False)
    if passes == "refuse":
        refused = refused_rows(values, True)
    frame, values = frame[~refused].copy(), values[~refused]
    fitted = ~np.isnan(values).any(axis=1) if passes == "skip" else np.full(len(values), True)
    if fitted.any():
        values[fitted] = scaler().fit_transform(values[fitted])
    for place, name in enumerate(names):
        frame[name] = values[:, place]
    return frame


def standard_scaler(frame, options):
    return transformed(frame, options, lambda: preprocessing.StandardScaler(
        with_mean=options.get("with_mean", True), with_std=options.get("with_std", True)))


def normalizer(frame, options):
    return transformed(frame, options, lambda: preprocessing.Normalizer(norm=options.get("norm", "l2")),
                       options.get("missing", "refuse"))


def quantile_transformer(distribution):
    def reference(frame, options):
        number = options.get("n_quantiles", 1000)
        return transformed(frame, options, lambda: preprocessing.QuantileTransformer(
            n_quantiles=number, output_distribution=distribution, subsample=max(len(frame), number)))
    return reference


def drop_duplicates(frame, options):
    keep = options.get("keep", "first")
    return frame.drop_duplicates(subset=options.get("subset"), keep=False if keep == "none" else keep)


def fillna_zeros(frame, options):
    names = numbers_of(frame, options)
    values = options.get("values", [options.get("value", 0.0)] * len(names))
    given = dict(zip(options.get("columns", names), values))
    return frame.fillna({n: int(given[n]) if type_of(frame[n]) == "int64" else given[n] for n in names})


def filled(statistic):
    def reference(frame, options):
        names = numbers_of(frame, options)
        doubles = frame.astype({n: "float64" for n in names})
        return doubles.fillna(getattr(doubles[names], statistic)())
    return reference


def absolute(frame, options):
    frame = frame.copy()
    for name in numbers_of(frame, options):
        frame[name] = frame[name].abs()
    return frame


def aggregated_sum(frame, options):
    """pandas wraps sums beyond int64; such a sum is missing here, on purpose."""
    sums = {}
    for name in numbers_of(frame, options):
        if type_of(frame[name]) == "int64":
            present = frame[name].dropna()
            total = sum(int(v) for v in present)
            fits = -(2**63) <= total < 2**63 and len(present) >= options.get("min_count", 0)
            sums[name] = pd.Series([total if fits else pd.NA], dtype="Int64")
        else:
            sums[name] = pd.Series([frame[name].sum(min_count=options.get("min_count", 0))])
    return pd.DataFrame(sums)


def handling_missing(frame, options):
    return frame.dropna(**options)


def min_max_scaler(*fixed):
    def reference(frame, options):
        least, most = fixed or options.get("feature_range", [0.0, 1.0])
        return transformed(frame, options, lambda: preprocessing.MinMaxScaler((least, most), clip=options.get("clip", False)))
    return reference


def robust_scaler(frame, options):
    given = {key: value for key, value in options.items() if key != "columns"}
    given["quantile_range"] = tuple(given.get("quantile_range", (25.0, 75.0)))
    return transformed(frame, options, lambda: preprocessing.RobustScaler(**given))


def max_abs_scaler(frame, options):
    return transformed(frame, options, preprocessing.MaxAbsScaler)


def exact_sum(values, rows, _):
    total = sum(Fraction(float(v)) for v in values if not np.isnan(v))
    return {row: Decimal(total.numerator) / Decimal(total.denominator) for row in rows}


def exact_mean(values, rows, _):
    mean = exact_sum(values, [0], _)[0] / int((~np.isnan(values)).sum())
    return {row: mean for row in rows}


def exact_standard(values, rows, options):
    """The scaler's formula in rational numbers, on the branch (constant or not) that scikit-learn took."""
    present = [Fraction(float(v)) for v in values if not np.isnan(v)]
    mean = sum(present) / len(present)
    variance = sum((v - mean) ** 2 for v in present) / len(present)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = preprocessing.StandardScaler().fit(values.reshape(-1, 1))
    scale = Decimal(1)
    if options.get("with_std", True) and not (fitted.scale_[0] == 1 and fitted.var_[0] != 1):
        scale = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    offset = mean if options.get("with_mean", True) else 0
    differences = {row: Fraction(float(values[row])) - offset for row in rows}
    return {row: Decimal(d.numerator) / Decimal(d.denominator) / scale for row, d in differences.items()}


REFERENCES = {
    "abs": absolute,
    "aggregated_sum": aggregated_sum,
    "drop_duplicates": drop_duplicates,
    "fillna_mean": filled("mean"),
    "fillna_median": filled("median"),
    "fillna_zeros": fillna_zeros,
    "handling_missing": handling_missing,
    "max_abs_scaler": max_abs_scaler,
    "min_max_scaler": min_max_scaler(),
    "min_max_scaler_0_1": min_max_scaler(0, 1),
    "min_max_scaler_m1_1": min_max_scaler(-1, 1),
    "normalizer": normalizer,
    "quantile_transformer_normal": quantile_transformer("normal"),
    "quantile_transformer_uniform": quantile_transformer("uniform"),
    "robust_scaler": robust_scaler,
    "standard_scaler": standard_scaler,
}
EXACT = {"aggregated_sum": exact_sum, "fillna_mean": exact_mean, "standard_scaler": exact_standard}

# Every task with its defaults, and with each option. `columns` and `subset` are numbers of columns, named later.
OPTIONS = {
    "abs": [{}, {"columns": 1}],
    "aggregated_sum": [{}, {"min_count": 1}, {"min_count": 70, "columns": 3}],
    "drop_duplicates": [{}, {"keep": "last"}, {"keep": "none"}, {"subset": 1}, {"subset": 2, "keep": "last"}],
    "fillna_mean": [{}, {"columns": 2}],
    "fillna_median": [{}, {"columns": 2}],
    "fillna_zeros": [{}, {"value": 7.0}, {"value": -3.0, "columns": 1}, {"values": [7.0, -3.0], "columns": 2}],
    "handling_missing": [{}, {"how": "all"}, {"thresh": 7}, {"subset": 3}, {"how": "all", "subset": 2}],
    "max_abs_scaler": [{}, {"columns": 1}],
    "min_max_scaler": [{}, {"feature_range": [-5.5, 300.25]}, {"clip": True, "feature_range": [0.1, 0.7]}],
    "min_max_scaler_0_1": [{}, {"clip": True}],
    "min_max_scaler_m1_1": [{}, {"columns": 2}],
    "normalizer": [{}, {"norm": "l1"}, {"norm": "max"}, {"missing": "skip"}, {"norm": "max", "missing": "skip"},
                   {"norm": "l1", "columns": 2}],
    "quantile_transformer_normal": [{}, {"n_quantiles": 10}, {"n_quantiles": 1}, {"n_quantiles": 5000}],
    "quantile_transformer_uniform": [{}, {"n_quantiles": 10}, {"n_quantiles": 100, "columns": 1}],
    "robust_scaler": [{}, {"with_centering": False}, {"with_scaling": False}, {"unit_variance": True},
                      {"quantile_range": [0.0, 100.0]}, {"quantile_range": [60.0, 80.5], "unit_variance": True}],
    "standard_scaler": [{}, {"with_mean": False}, {"with_std": False}, {"with_mean": False, "with_std": False}],
}
