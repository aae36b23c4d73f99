# SPDX-License-Identifier: Apache-2.0
"""`apply` on rows as they lie about: compressed, divided by semicolons, or as a project says that they are.

    apply_test.py MILLRACE
"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())


class Apply(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def call(self, *words, given=b"", code=0):
        run = subprocess.run([MILLRACE, *words], input=given, capture_output=True, timeout=60, cwd=self.path)
        self.assertEqual(run.returncode, code, run.stderr)
        return run.stdout if code == 0 else run.stderr

    def by_project(self, given, *words, **source):
        project = {"source": source, "chain": [{"task": "fillna_zeros", "value": 7}], "sink": {"null": {}}}
        (self.path / "project.json").write_text(json.dumps(project))
        return self.call("apply", "--project", "project.json", "--output", "csv", *words, given=given)

    def test_compressed_rows_are_read_as_they_are(self):
        rows = self.call("generate", "--rows", "6000")
        plain = self.call("apply", "--chain", "abs", given=rows)
        self.assertEqual(self.call("apply", "--chain", "abs", given=gzip.compress(rows)), plain)
        zstd = subprocess.run(["zstd", "-c"], input=rows, capture_output=True, check=True).stdout
        self.assertEqual(self.call("apply", "--chain", "abs", given=zstd), plain)
        self.assertIn(b"cut off", self.call("apply", given=gzip.compress(rows)[:-9], code=1))

    def test_a_project_says_how_its_csv_is_read(self):
        csv = {"path": "no.csv", "delimiter": ";", "non_finite": "missing"}
        self.assertEqual(self.by_project(b"x;y\n1;NaN\n;2\n", csv=csv), b"x,y\n1,7\n7,2\n")
        named = {**csv, "header": False, "columns": ["a", "b"]}
        self.assertEqual(self.by_project(b"1;NaN\n;2\n", csv=named), b"a,b\n1,7\n7,2\n")
        self.assertEqual(self.by_project(b"p;q\n1;NaN\n;2\n", csv={**named, "header": True}), b"a,b\n1,7\n7,2\n")

    def test_a_project_says_how_its_json_lines_are_read(self):
        rows = b'{"x":NaN}\n{"x":1}\n{"x":2,"y":"behind the longest row"}\n'
        source = {"path": "no.jsonl", "non_finite": "missing", "max_row_bytes": 20}
        self.assertEqual(self.by_project(rows, jsonl=source), b"x\n7\n1\n")

    def test_another_format_than_the_projects_is_read_as_by_default(self):
        csv = {"path": "no.csv", "delimiter": ";", "non_finite": "missing"}
        self.assertEqual(self.by_project(b'{"x":1}\n{"x":null}\n', "--format", "jsonl", csv=csv), b"x\n1\n7\n")

    def test_placeholders_of_missing_values_can_be_named(self):
        rows = b"x,y\n1,NA\n-,2\n"
        read = ["apply", "--chain", "fillna_zeros", "--format", "csv", "--output", "csv", "--missing-values"]
        self.assertEqual(self.call(*read, "NA,-", given=rows), b"x,y\n1,0\n0,2\n")
        csv = {"path": "no.csv", "missing_values": ["NA", "-"]}
        self.assertEqual(self.by_project(rows, csv=csv), b"x,y\n1,7\n7,2\n")
        (self.path / "rows.csv").write_bytes(rows)
        inferred = json.loads(self.call("schema", "--infer", "rows.csv", "--missing-values", "NA,-"))
        self.assertEqual([column["type"] for column in inferred["columns"]], ["float64", "float64"])

    def test_another_delimiter_can_be_given_and_is_guessed_at(self):
        rows = b"x;y\n1;2\n"
        (self.path / "rows.csv").write_bytes(rows)
        self.assertEqual(self.call("apply", "--format", "csv", "--delimiter", ";", given=rows), b'{"x":1,"y":2}\n')
        self.assertIn(b'"y"', self.call("schema", "--infer", "rows.csv", "--delimiter", ";"))
        tabs = self.call("apply", "--format", "csv", "--delimiter", "tab", given=b"x\ty\n1\t2\n")
        self.assertEqual(tabs, b'{"x":1,"y":2}\n')
        for words, code in [(["apply", "--format", "csv"], 1), (["schema", "--infer", "rows.csv"], 3)]:
            self.assertIn(b'divided by ";"', self.call(*words, given=rows, code=code))

    def test_a_name_that_stands_twice_is_refused(self):
        self.assertIn(b'"x" twice', self.call("apply", "--format", "csv", given=b"x,x\n1,2\n", code=1))


if __name__ == "__main__":
    unittest.main()
