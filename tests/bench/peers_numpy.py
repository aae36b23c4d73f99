# SPDX-License-Identifier: Apache-2.0
"""The whole file at once in two processes, without messages: each reads half of it, parses blocks of 1,000 rows, does
the three tasks with numpy and writes an HDF5 file of its own, one uncompressed data set a column.

How it was written: orjson where there is one; else, of what Debian 12 has (it has no orjson), json with one call a
block, so that rows share their keys, which in trials left ujson, rapidjson and pandas.read_json behind; one itemgetter
a row; all numbers of a block in one array; only rows whose hash of all numbers is there twice are compared in Python;
texts as bytes of fixed length, a missing one empty; all of a half is written at its end, unsynchronised. The columns
are those of the first block."""
import itertools
import operator
import pathlib
import time

import h5py
import numpy

try:
    from orjson import loads
except ImportError:
    from json import loads

BLOCK_ROWS = 1000
ODD = numpy.random.default_rng(1).integers(1 << 63, size=100_000, dtype=numpy.uint64) | numpy.uint64(1)


def parse(lines):
    return loads((b"[" + b",".join(lines) + b"]").decode())


def columns_of(path):
    """The names of the columns of numbers, and of the columns of texts."""
    with open(path, "rb") as file:
        rows = parse(list(itertools.islice(file, BLOCK_ROWS)))
    names = list(dict.fromkeys(itertools.chain.from_iterable(rows)))
    texts = [name for name in names if any(isinstance(row.get(name), str) for row in rows)]
    return [name for name in names if name not in texts], texts


def halves(path):
    size = pathlib.Path(path).stat().st_size
    with open(path, "rb") as file:
        file.seek(size // 2)
        file.readline()
        return [(0, file.tell()), (file.tell(), size)]


def blocks_between(path, begin, end):
    with open(path, "rb") as file:
        file.seek(begin)
        while begin < end:
            lines = list(itertools.islice(file, BLOCK_ROWS))
            begin += sum(map(len, lines))
            while begin > end:
                begin -= len(lines.pop())
            yield lines


def picker(names):
    """A row's values as a tuple; None where there is none."""
    quickly = operator.itemgetter(*names)

    def pick(row):
        try:
            return quickly(row)
        except KeyError:
            return tuple(map(row.get, names))
    return pick


def repeated(numbers, texts):
    """Which rows are there before."""
    keys = numbers.view(numpy.uint64) @ ODD[:numbers.shape[1]]
    _, kinds, counts = numpy.unique(keys, return_inverse=True, return_counts=True)
    seen, found = set(), []
    for row in numpy.flatnonzero(counts[kinds] > 1):
        content = (numbers[row].tobytes(), texts[row])
        if content in seen:
            found.append(row)
        seen.add(content)
    return found


def fixed_length(texts):
    return numpy.array([text or "" for text in texts], dtype="S")


def preprocessed(rows, pick_numbers, pick_texts):
    numbers = numpy.fromiter(itertools.chain.from_iterable(map(pick_numbers, rows)), float).reshape(len(rows), -1)
    numbers[numpy.isnan(numbers)] = 0
    lengths = numpy.sqrt(numpy.einsum("ij,ij->i", numbers, numbers))
    lengths[lengths == 0] = 1
    numbers /= lengths[:, None]
    numbers += 0.0  # no -0.0, which is another number by its bits
    texts = list(map(pick_texts, rows))
    found = repeated(numbers, texts)
    for row in reversed(found):
        del texts[row]
    return numpy.delete(numbers, found, axis=0), [fixed_length(column) for column in zip(*texts)]


def write(path, columns):
    with h5py.File(path, "w") as file:
        for name, column in columns.items():
            file.create_dataset(name, data=column)


def preprocess(path, part, names, output):
    """How many rows are left of this part."""
    number_names, text_names = names
    pickers = picker(number_names), picker(text_names)
    blocks = [preprocessed(parse(lines), *pickers) for lines in blocks_between(path, *part)]
    numbers = numpy.ascontiguousarray(numpy.concatenate([block[0] for block in blocks]).T)
    texts = [numpy.concatenate(column) for column in zip(*(block[1] for block in blocks))]
    write(output, dict(zip(number_names + text_names, [*numbers, *texts])))
    return numbers.shape[1]


def outputs(folder):
    return [folder / f"numpy_{half}.h5" for half in range(2)]


def rate(pool, path, folder, rows):
    """Rows/s; `rows` is how many the file has."""
    begin = time.monotonic()
    left = sum(pool.map(preprocess, [path] * 2, halves(path), [columns_of(path)] * 2, outputs(folder)))
    seconds = time.monotonic() - begin
    if not 0 < left <= rows:
        raise SystemExit(f"numpy left {left} of {rows} rows")
    return rows / seconds
