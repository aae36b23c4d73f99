# SPDX-License-Identifier: Apache-2.0
"""Whether all systems of python_peers.py compute the same, on a few rows with missing values and duplicates."""
import json

import h5py
import numpy
import pandas

import millrace_runs as runs
import peers_numpy
import peers_pool

CHAIN = ["fillna_zeros", "normalizer", "drop_duplicates"]
ROWS, FACTOR = 2000, 1000


def run_millrace(millrace, folder, rows, factor, compression):
    """Its report."""
    project = runs.write_project(folder / "bench.json", rows, folder / "out", buffering_factor=factor, chain=CHAIN,
                                 sink={"hdf5": {"path": str(folder / "out"), "compression": compression}})
    runs.must_run(runs.mpirun_command(millrace, 2, project, "--overwrite"))
    return json.loads((folder / "out" / "report.json").read_text())


def preprocessed(blocks):
    return pandas.concat([peers_pool.preprocessed(peers_pool.pack(lines)) for lines in blocks])


def by_numpy(pool, rows, folder):
    peers_numpy.rate(pool, rows, folder, ROWS)
    frames = []
    for path in peers_numpy.outputs(folder):
        with h5py.File(path) as file:
            columns = {name: column[:] for name, column in file.items()}
        frames.append(pandas.DataFrame({name: column.astype(str) if column.dtype.kind == "S" else column
                                        for name, column in columns.items()}))
    return pandas.concat(frames)


def same(expected, found):
    if set(expected) != set(found) or len(expected) != len(found):
        return False
    numbers = list(expected.select_dtypes("number"))
    texts = [name for name in expected if name not in numbers]
    return (numpy.allclose(expected[numbers].to_numpy(), found[numbers].to_numpy(dtype=float), rtol=0, atol=1e-12)
            and (expected[texts].fillna("").to_numpy() == found[texts].fillna("").to_numpy()).all())


def check_celery(celery, lines, expected):
    messages = list(peers_pool.messages_of(lines, FACTOR))
    for name, send in (("by task", celery.tasks.send_by_task), ("whole", celery.tasks.send_at_once)):
        found = pandas.concat([celery.preprocessed(send, packed) for packed in messages])
        runs.expect(same(expected, found), f"Celery, {name}, gives the pool's rows")


def check(millrace, folder, pool, celery):
    rows = runs.write_rows(millrace, folder / "check.jsonl", ROWS)
    lines = rows.read_bytes().splitlines()
    expected = preprocessed([lines[first:first + FACTOR] for first in range(0, ROWS, FACTOR)])
    runs.expect(len(expected) < ROWS, "there are duplicates")
    report = run_millrace(millrace, folder, rows, FACTOR, "none")
    runs.expect(report["rows_out"] == len(expected), "Millrace leaves as many rows as the pool")
    blocks = [block for part in peers_numpy.halves(rows) for block in peers_numpy.blocks_between(rows, *part)]
    runs.expect(same(preprocessed(blocks), by_numpy(pool, rows, folder)), "numpy gives the pool's rows")
    if celery:
        check_celery(celery, lines, expected)
