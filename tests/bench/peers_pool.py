# SPDX-License-Identifier: Apache-2.0
"""The paper's process pool: messages packed as base64 of zlib of a JSON array, unpacked and preprocessed with pandas
and scikit-learn by a ProcessPoolExecutor of two. It has no sink and gives back only how many rows are left."""
import base64
import json
import time
import zlib

import pandas
from sklearn.preprocessing import Normalizer


def pack(rows):
    return base64.b64encode(zlib.compress(b"[" + b",".join(rows) + b"]"))


def messages_of(lines, factor):
    return (pack(lines[first:first + factor]) for first in range(0, len(lines), factor))


def unpack(packed):
    return pandas.DataFrame(json.loads(zlib.decompress(base64.b64decode(packed))))


def preprocessed(packed):
    frame = unpack(packed)
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = Normalizer().fit_transform(frame[numbers].fillna(0))
    return frame.drop_duplicates()


def preprocess(packed):
    return len(preprocessed(packed))


def warm_up(_):
    return pandas.DataFrame({"x": [1.0]}).sum().x


def rate(pool, lines, factor):
    """Rows/s, packing included; the pool works on what is packed already."""
    begin = time.monotonic()
    rows = sum(pool.map(preprocess, messages_of(lines, factor)))
    seconds = time.monotonic() - begin
    if not 0 < rows <= len(lines):
        raise SystemExit(f"the pool gave back {rows} of {len(lines)} rows")
    return len(lines) / seconds
