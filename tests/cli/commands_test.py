# SPDX-License-Identifier: Apache-2.0
"""The subcommands as a user calls them.

    commands_test.py MILLRACE
"""
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy
import pandas
from sklearn import preprocessing

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
COMMANDS = ["run", "validate", "explain", "apply", "generate", "inspect", "requeue", "schema", "tasks", "completion", "version"]
# Of `generate --rows 5000 --seed 7`: the same bytes on every machine.
GENERATED_SHA256 = "158b679da0f86c431b40b908ed52e730cbc0be3f3c924e7279d22e90e314099c"


def call(*words, given=None, code=0, **options):
    run = subprocess.run([MILLRACE, *words], input=given, capture_output=True, timeout=60, **options)
    if run.returncode != code:
        raise AssertionError(f"exit code {run.returncode}, not {code}: {words}\n{run.stderr.decode()}")
    return run.stdout if code == 0 else run.stderr


def frame_of(jsonl):
    return pandas.read_json(io.BytesIO(jsonl), lines=True)


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)

    def test_every_command_explains_itself_with_an_example(self):
        for command in COMMANDS:
            said = call(command, "--help").decode()
            self.assertIn(f"millrace {command}", said)
            self.assertNotIn("Exit codes", said)

    def test_a_wrong_command_line_is_a_usage_error(self):
        for words in [["rum"], [], ["run"], ["generate"], ["apply", "--chain", "nromalizer"], ["tasks", "nromalizer"],
                      ["generate", "--rows", "3", "--start", "yesterday"], ["generate", "--rows", "3", "--missing", "2"]]:
            call(*words, code=2, given=b"")

    def test_a_negative_count_is_a_usage_error(self):
        for words in [["generate", "--rows"], ["generate", "--rows", "1", "--seed"], ["inspect", "out", "--rows"],
                      ["schema", "--infer", "rows", "--rows"], ["apply", "--buffering-factor"]]:
            self.assertIn(b"expected a whole number from 0, found -1", call(*words, "-1", code=2, given=b""))

    def test_an_unknown_subcommand_is_named_with_its_nearest(self):
        self.assertIn(b"no subcommand rum; did you mean run?", call("rum", "project.json", code=2))
        self.assertIn(b"no subcommand quantify; millrace --help", call("quantify", code=2))

    def test_what_is_not_built_yet_is_refused_by_name(self):
        for command in ["advise", "simulate", "evaluate", "serve"]:
            self.assertIn(f"subcommand {command} is not built yet", call(command, "x", code=2).decode())

    def test_the_nearest_task_is_offered(self):
        self.assertIn(b"did you mean normalizer?", call("apply", "--chain", "nromalizer", code=2, given=b""))

    def test_generated_rows_are_the_same_bytes_for_the_same_seed(self):
        rows = call("generate", "--rows", "5000", "--seed", "7")
        self.assertEqual(hashlib.sha256(rows).hexdigest(), GENERATED_SHA256)
        self.assertNotEqual(rows, call("generate", "--rows", "5000", "--seed", "8"))
        self.assertTrue(call("generate", "--rows", "9000", "--seed", "7").startswith(rows))

    def test_generated_rows_have_the_shares_that_were_asked_for(self):
        rows = call("generate", "--rows", "20000", "--missing", "0.05", "--absent", "0.03", "--duplicates", "0.1")
        lines = rows.splitlines()
        values = [json.loads(line) for line in lines]
        nulls = sum(value is None for row in values for value in row.values()) / (len(values) * 33)
        absent = 1 - sum(len(row) for row in values) / (len(values) * 33)
        repeated = sum(a == b for a, b in zip(lines, lines[1:])) / len(lines)
        self.assertAlmostEqual(nulls, 0.05, delta=0.005)
        self.assertAlmostEqual(absent, 0.03, delta=0.005)
        self.assertAlmostEqual(repeated, 0.1, delta=0.01)

    def test_csv_and_json_lines_hold_the_same_values(self):
        more = ["--rows", "500", "--columns", "40"]
        json_frame = frame_of(call("generate", *more))
        csv_frame = pandas.read_csv(io.BytesIO(call("generate", *more, "--format", "csv")), parse_dates=["dateTime"])
        pandas.testing.assert_frame_equal(json_frame, csv_frame[json_frame.columns], check_dtype=False)

    def test_apply_equals_pandas_and_scikit_learn(self):
        rows = call("generate", "--rows", "300", "--missing", "0.1")
        numbers = frame_of(call("apply", given=rows)).select_dtypes("number")
        got = frame_of(call("apply", "--chain", "fillna_zeros,standard_scaler", given=rows))[numbers.columns]
        expected = preprocessing.StandardScaler().fit_transform(numbers.fillna(0))
        self.assertLess(numpy.abs(got.to_numpy() - expected).max(), 1e-12 * numpy.abs(expected).max())

    def test_apply_cuts_messages_of_k_rows(self):
        rows = b'{"x":1}\n{"x":1}\n{"x":1}\n'
        self.assertEqual(call("apply", "--chain", "drop_duplicates", given=rows), b'{"x":1}\n')
        cut = call("apply", "--chain", "drop_duplicates", "--buffering-factor", "2", given=rows)
        self.assertEqual(cut, b'{"x":1}\n{"x":1}\n')

    def test_apply_names_refused_rows_by_line_and_goes_on(self):
        run = subprocess.run([MILLRACE, "apply"], input=b'{"x":1}\n\nrubbish\n{"x":2}\n', capture_output=True, timeout=60)
        self.assertEqual(run.stdout, b'{"x":1}\n{"x":2}\n')
        self.assertIn(b"line 3: decode", run.stderr)

    def test_the_inferred_schema_is_a_declaration_to_keep(self):
        (self.path / "rows.jsonl.gz").write_bytes(gzip.compress(call("generate", "--rows", "2000")))
        declared = json.loads(call("schema", "--infer", "rows.jsonl.gz", cwd=self.path))
        project = {"source": {"jsonl": {"path": "rows.jsonl.gz"}}, "schema": declared, "sink": {"hdf5": {"path": "out"}}}
        (self.path / "project.json").write_text(json.dumps(project))
        call("run", "project.json", "--transport", "loopback", cwd=self.path)
        self.assertIn(b"rows 2000", call("inspect", "out", cwd=self.path))

    def test_standard_input_is_a_source(self):
        project = {"source": {"jsonl": {"path": "-"}}, "method": "single", "sink": {"jsonl": {"path": "out.jsonl"}}}
        (self.path / "project.json").write_text(json.dumps(project))
        rows = call("generate", "--rows", "1500")
        call("run", "project.json", "--quiet", cwd=self.path, given=rows)
        pandas.testing.assert_frame_equal(frame_of((self.path / "out.jsonl").read_bytes()), frame_of(call("apply", given=rows)))

    def test_tasks_are_listed_and_explained(self):
        lines = call("tasks").decode().splitlines()
        self.assertEqual([line for line in lines if not line.endswith(".")], [])
        names = [line.split()[0] for line in lines]
        for name in ["fillna_zeros", "normalizer", "drop_duplicates", "standard_scaler", "quantile_transformer_normal"]:
            self.assertIn(name, names)
        for name in names:
            self.assertIn("example:", call("tasks", name).decode())

    def test_the_log_is_json_when_asked_for(self):
        (self.path / "rows.jsonl").write_bytes(call("generate", "--rows", "100"))
        project = {"source": {"jsonl": {"path": "rows.jsonl"}}, "sink": {"hdf5": {"path": "out"}}}
        (self.path / "project.json").write_text(json.dumps(project))
        run = subprocess.run([MILLRACE, "run", "project.json", "--transport", "loopback", "--log-format", "json"],
                             cwd=self.path, capture_output=True, timeout=60)
        lines = [json.loads(line) for line in run.stderr.splitlines()]
        self.assertTrue(any("memory bound" in line["message"] for line in lines))

    def test_a_column_that_refuses_much_is_named_with_what_helps(self):
        (self.path / "rows.csv").write_text("x,y,b\n" + "NaN,1,true\n1,,2\n" + "1,1,true\n" * 9)
        project = {"source": {"csv": {"path": "rows.csv"}}, "chain": ["normalizer"], "sink": {"null": {}}, "method": "single"}
        (self.path / "project.json").write_text(json.dumps(project))
        run = subprocess.run([MILLRACE, "run", "project.json"], cwd=self.path, capture_output=True, text=True, timeout=60)
        said = [line.split("if these values are right, ")[1] for line in run.stderr.splitlines() if "values are right" in line]
        self.assertEqual(len(said), 2, run.stderr)
        self.assertIn('"non_finite": "missing"', "".join(line for line in run.stderr.splitlines() if "column x" in line))
        self.assertNotIn("non_finite", "".join(line for line in run.stderr.splitlines() if "column b" in line))

    def test_a_chain_that_refuses_much_is_named_with_what_helps(self):
        (self.path / "rows.jsonl").write_text('{"x":1}\n{"x":null}\n' * 9)
        project = {"source": {"jsonl": {"path": "rows.jsonl"}}, "chain": ["normalizer"], "sink": {"null": {}}, "method": "single"}
        (self.path / "project.json").write_text(json.dumps(project))
        run = subprocess.run([MILLRACE, "run", "project.json"], cwd=self.path, capture_output=True, text=True, timeout=60)
        self.assertIn("a task before it can fill or drop them", run.stderr)

    def test_version_names_what_it_was_built_with(self):
        said = call("version").decode()
        self.assertEqual(call("--version").decode(), said)
        for word in ["millrace ", "HDF5 1.", "vectors "]:
            self.assertIn(word, said)

    def test_version_names_the_vector_path_that_is_forced(self):
        said = call("version", env={**os.environ, "MILLRACE_VECTOR_PATH": "plain"}).decode()
        self.assertTrue(said.endswith(", vectors plain\n"), said)


if __name__ == "__main__":
    unittest.main()
