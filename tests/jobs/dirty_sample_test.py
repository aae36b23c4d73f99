# SPDX-License-Identifier: Apache-2.0
"""The dirty samples of data/: every row becomes what the comment file beside its sample says.

    dirty_sample_test.py MILLRACE [RANKS ...]

Through `apply`, and through `run` in one process, or under mpirun with so many ranks. What stands in a comment file is
described in data/README.md."""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy

import millrace_runs as runs
from dirty_sample import COLUMNS, SCHEMA, Sample, whole_value

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
RANKS = [sys.argv.pop(1) for _ in sys.argv[1:]]
BUFFERING_FACTOR = 7
FATES = {"becomes", "refused", "skipped", "header"}


def values_of(text):
    """The rows of a result in JSON lines. Whole numbers are kept as texts at first, since -0 is a double."""
    rows = [json.loads(line, parse_int=str) for line in text.decode().split("\n")[:-1]]
    return [{name: whole_value(row[name], kind) for name, kind in COLUMNS} for row in rows]


class DirtySamples(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def project(self, samples, sink, **options):
        part = {"path": [str(sample.path) for sample in samples], **options}
        project = {"source": {samples[0].format: part}, "schema": SCHEMA, "buffering_factor": BUFFERING_FACTOR, "sink": sink}
        (self.path / "project.json").write_text(json.dumps(project))
        return self.path / "project.json"

    def layouts(self):
        return [(["mpirun", "-q", "-n", ranks], []) for ranks in RANKS] or [([], ["--transport", "loopback"])]

    def assert_same_rows(self, found, rows):
        good = [row for row in rows if row.reason is None]
        for values, row in zip(found, good):
            self.assertEqual(repr(values), repr(row.expected()), row.comment["what"])
        self.assertEqual(len(found), len(good))

    def assert_rejects(self, path, rows):
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        refused = [row for row in rows if row.reason is not None]
        for reject, row in zip(found, refused):
            raw = reject["row"].encode() if "row" in reject else base64.b64decode(reject["row_base64"])
            self.assertEqual((reject["reason"], reject["source"]), (row.reason, f"{row.sample.path}:{row.comment['line']}"))
            self.assertEqual(raw, row.raw, row.comment["what"])
        self.assertEqual(len(found), len(refused))

    def check_run_to_jsonl(self, samples, rows, **options):
        project = self.project(samples, {"jsonl": {"path": str(self.path / "out.jsonl")}}, **options)
        for before, behind in self.layouts():
            runs.must_run([*before, MILLRACE, "run", project, "--quiet", "--overwrite", *behind])
            self.assert_same_rows(values_of((self.path / "out.jsonl").read_bytes()), rows)
            self.assert_rejects(self.path / "out.jsonl.rejects.jsonl", rows)
            report = json.loads((self.path / "out.jsonl.report.json").read_text())
            self.assertEqual(report["unknown_keys"], sum(row.unknown_keys for row in rows))

    def check_hdf5(self, path, rows):
        good = [number for number, row in enumerate(rows) if row.reason is None]
        with h5py.File(path / "results.h5") as file:
            self.assertEqual(list(file["source_row"]), good)
            expected = [rows[number].expected()["outTemp"] for number in good]
            numpy.testing.assert_array_equal(file["outTemp"][:], numpy.array(expected, dtype=float))
            messages = file["provenance"]
            starts = range(0, len(rows), BUFFERING_FACTOR)
            refused = [sum(row.reason is not None for row in rows[i : i + BUFFERING_FACTOR]) for i in starts]
            self.assertEqual(list(messages["rows_rejected"]), refused)
            self.assertEqual(list(messages["rows_in"]), [len(rows[i : i + BUFFERING_FACTOR]) for i in starts])
            self.assertEqual(list(messages["rows_out"]), list(messages["rows_in"][:] - refused))

    def test_every_line_has_a_comment_with_one_fate(self):
        for name in ("dirty.jsonl", "dirty_long.jsonl.gz", "dirty.csv"):
            sample, line = Sample(name), 1
            for comment in sample.comments:
                self.assertEqual(comment["line"], line, name)
                self.assertEqual(len(FATES & comment.keys()), 1, comment)
                line += comment.get("lines", 1)
            self.assertEqual(line - 1, sample.lines, name)

    def test_apply_accounts_for_every_row(self):
        for name in ("dirty.jsonl", "dirty_long.jsonl.gz", "dirty.csv"):
            sample = Sample(name)
            for k in ("0", "1", "5"):
                project = self.project([sample], {"null": {}})
                run = subprocess.run([MILLRACE, "apply", "--project", project, "--format", sample.format, "--buffering-factor", k],
                                     input=sample.bytes, capture_output=True, timeout=60, check=True)
                self.assert_same_rows(values_of(run.stdout), sample.rows)
                said = re.findall(r"line (\d+): (.*)", run.stderr.decode())
                self.assertEqual(said, [(str(r.comment["line"]), r.reason) for r in sample.rows if r.reason is not None])

    def test_run_accounts_for_every_row(self):
        for names in (["dirty.jsonl", "dirty_long.jsonl.gz"], ["dirty.csv"]):
            samples = [Sample(name) for name in names]
            rows = sum((sample.rows for sample in samples), [])
            self.check_run_to_jsonl(samples, rows)
            project = self.project(samples, {"hdf5": {"path": str(self.path / "out"), "source_row": True}})
            for before, behind in self.layouts():
                runs.must_run([*before, MILLRACE, "run", project, "--quiet", "--overwrite", *behind])
                runs.verify(MILLRACE, self.path / "out")
                self.check_hdf5(self.path / "out", rows)
                self.assert_rejects(self.path / "out.rejects.jsonl", rows)

    def test_numbers_that_are_not_finite_are_missing_if_the_project_says_so(self):
        for name in ("dirty.jsonl", "dirty_long.jsonl.gz", "dirty.csv"):
            sample = Sample(name)
            for row in sample.rows:
                row.take_as_missing()
            self.check_run_to_jsonl([sample], sample.rows, non_finite="missing")

    def test_rows_beyond_the_limit_are_refused_with_their_first_bytes(self):
        sample = Sample("dirty_long.jsonl.gz")
        for row in sample.rows:
            row.cut(100_000)
        self.assertEqual(sum("max_row_bytes" in (row.reason or "") for row in sample.rows), 6)
        self.check_run_to_jsonl([sample], sample.rows, max_row_bytes=100_000)


if __name__ == "__main__":
    unittest.main()
