# SPDX-License-Identifier: Apache-2.0
"""Cases and answers of the task driver as bytes (described in frame_stream.hpp), to and from pandas."""
import struct

import numpy as np
import pandas as pd

TYPES = {"float64": 0, "int64": 1, "bool": 2, "text": 3, "time": 4}


def type_of(series):
    if series.dtype == "float64":
        return "float64"
    if series.dtype == "Int64":
        return "int64"
    if series.dtype == "boolean":
        return "bool"
    return "time" if series.dtype.kind == "M" else "text"


def text_bytes(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def values_bytes(series):
    kind = type_of(series)
    if kind == "float64":
        return series.to_numpy().astype("<f8").tobytes()
    if kind == "text":
        return b"".join(b"\0" + text_bytes("") if v is None else b"\1" + text_bytes(v) for v in series)
    valid = series.notna().to_numpy()
    if kind == "time":
        values = np.where(valid, series.to_numpy().astype("datetime64[s]").astype("<i8"), 0)
    else:
        values = series.fillna(0 if kind == "int64" else False).to_numpy().astype("<i8" if kind == "int64" else "u1")
    return values.tobytes() + valid.astype("u1").tobytes()


def case_bytes(chain, frame, keys=()):
    parts = [text_bytes(chain), struct.pack("<II", len(frame), len(frame.columns))]
    for name in frame.columns:
        parts.append(text_bytes(name) + struct.pack("BB", TYPES[type_of(frame[name])], int(name in keys)))
        parts.append(values_bytes(frame[name]))
    return b"".join(parts)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, kind, count):
        size = np.dtype(kind).itemsize * count
        values = np.frombuffer(self.data, dtype=kind, count=count, offset=self.at)
        self.at += size
        return values

    def one(self, kind):
        return self.take(kind, 1)[0].item()

    def text(self):
        size = self.one("<u4")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def column(self, rows):
        name, kind = self.text(), self.one("u1")
        self.one("u1")
        if kind == TYPES["float64"]:
            return name, pd.Series(self.take("<f8", rows).copy())
        if kind == TYPES["text"]:
            return name, pd.Series([self.optional_text() for _ in range(rows)], dtype=object)
        values = self.take("u1" if kind == TYPES["bool"] else "<i8", rows).copy()
        missing = self.take("u1", rows) == 0
        if kind == TYPES["time"]:
            return name, pd.Series(values.astype("datetime64[s]")).mask(missing)
        if kind == TYPES["bool"]:
            return name, pd.Series(pd.arrays.BooleanArray(values.astype(bool), missing))
        return name, pd.Series(pd.arrays.IntegerArray(values, missing))

    def optional_text(self):
        valid, text = self.one("u1"), self.text()
        return text if valid else None

    def answer(self):
        """(frame indexed by row, {row: reason}, rows dropped by stage), or the error's text."""
        if self.one("u1") == 1:
            return self.text()
        rows, columns = self.one("<u4"), self.one("<u4")
        frame = pd.DataFrame(dict([self.column(rows) for _ in range(columns)]))
        frame.index = pd.Index(self.take("<u4", rows).astype("int64"))
        rejects = {}
        for _ in range(self.one("<u4")):
            row = self.one("<u4")
            rejects[row] = self.text()
        return frame, rejects, list(self.take("<u8", self.one("<u4")))


def read_answers(data, number):
    reader = Reader(data)
    answers = [reader.answer() for _ in range(number)]
    assert reader.at == len(data), "the driver wrote more than the answers"
    return answers
