# SPDX-License-Identifier: Apache-2.0
"""What `validate` refuses, `explain` and `run` refuse with the same words, exit code 3, and nothing written; and the other way round.

    refusals_test.py MILLRACE
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
BROKEN = pathlib.Path(__file__).resolve().parent.parent / "config" / "projects" / "broken"
TIME = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+: |^millrace: ", re.M)


class Refusals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)

    def call(self, *words):
        run = subprocess.run([MILLRACE, *words], cwd=self.path, capture_output=True, text=True, timeout=60)
        return run.returncode, TIME.sub("", run.stderr)

    def written(self):
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*"))

    def refused(self, project, *expected):
        before = self.written()
        code, said = self.call("validate", str(project))
        self.assertEqual(code, 3, said)
        for word in expected:
            self.assertIn(word, said)
        self.assertEqual(self.call("explain", str(project)), (3, said))
        self.assertEqual(self.call("run", str(project), "--transport", "loopback"), (3, said))
        self.assertEqual(self.call("run", str(project)), (3, said))
        self.assertEqual(self.written(), before)

    def project(self, **changes):
        project = {"source": {"jsonl": {"path": "rows.jsonl"}}, "sink": {"hdf5": {"path": "out"}}, **changes}
        (self.path / "rows.jsonl").write_text('{"t":"2024-01-01","x":1,"s":"a"}\n{"t":"2024-01-02","x":2,"s":"b"}\n')
        file = self.path / "project.json"
        file.write_text(json.dumps(project))
        return file

    def test_a_good_project_passes(self):
        self.assertEqual(self.call("validate", str(self.project()))[0], 0)
        self.assertEqual(self.call("run", str(self.project()), "--transport", "loopback", "--quiet")[0], 0)

    def test_what_cannot_go_with_a_live_source_is_refused(self):
        live = {"broker": "mqtt://localhost:1", "client_id": "me", "topic": ["a", "weather/+"]}
        schema = {"columns": [{"name": "n", "type": "int64"}, {"name": "t", "type": "text"}]}
        self.refused(self.project(source={"mqtt": live}, arrival_rate=5), "arrival_rate: paces a replay")
        self.refused(self.project(source={"mqtt": live}, speed="60x"), "speed: paces a replay")
        for column, said in ("n", "column n is no text"), ("topic", "the schema has no column topic"):
            self.refused(self.project(source={"mqtt": {**live, "topic_column": column}}, schema=schema),
                         "source.mqtt.topic_column: the schema", said)
        self.assertEqual(self.call("validate", str(self.project(source={"mqtt": {**live, "topic_column": "t"}},
                                                                schema=schema)))[0], 0)
        back = {"broker": ["mqtt://elsewhere", "mqtt://localhost:1"], "topic": "weather/clean", "path": "out"}
        self.refused(self.project(source={"mqtt": live}, sink={"mqtt": back}), "sink.mqtt.topic: ", "takes weather/+ from")
        for other in {"topic": "clean"}, {"broker": "mqtt://elsewhere"}:
            self.assertEqual(self.call("validate", str(self.project(source={"mqtt": live},
                                                                    sink={"mqtt": {**back, **other}})))[0], 0)

    def test_every_broken_file_is_refused_with_its_path_and_hint_and_nothing_is_written(self):
        # That one is broken by the small table of tasks in the configuration's own test.
        files = sorted(file for file in BROKEN.glob("*.json") if file.name != "task_not_built.json")
        self.assertGreaterEqual(len(files), 30)
        for file in files:
            with self.subTest(file.name):
                paths = re.findall(r"^// expect: (\w+(?:\[\d+\])?)[.:]", file.read_text(), re.M)
                self.refused(file, *paths[:1])

    def test_an_input_that_is_not_there(self):
        self.refused(self.project(source={"jsonl": {"path": "no/such.jsonl"}}), "no/such.jsonl", "no such file")

    def test_a_pattern_that_matches_nothing(self):
        self.refused(self.project(source={"csv": {"path": "*.csv"}}), "*.csv", "matches no file")

    def test_a_folder_as_input(self):
        (self.path / "rows").mkdir()
        self.refused(self.project(source={"jsonl": {"path": "rows"}}), "rows", "is a folder", "rows/*.jsonl".split("/")[1])

    def test_an_unreadable_input(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        (self.path / "locked.jsonl").write_text("{}\n")
        (self.path / "locked.jsonl").chmod(0)
        self.refused(self.project(source={"jsonl": {"path": "locked.jsonl"}}), "no permission")

    def test_an_output_below_a_file(self):
        (self.path / "file").write_text("")
        self.refused(self.project(sink={"hdf5": {"path": "file/out"}}), "sink.hdf5.path", "not a folder")

    def test_an_output_where_even_root_cannot_write(self):
        self.refused(self.project(sink={"hdf5": {"path": "/proc/out"}}), "sink.hdf5.path", "/proc")
        self.refused(self.project(sink={"csv": {"path": "/sys/out.csv"}}), "sink.csv.path", "/sys")

    def test_an_output_that_something_else_stands_at(self):
        self.project()
        self.refused(self.project(sink={"csv": {"path": "."}}), "sink.csv.path", "is a folder")
        self.refused(self.project(sink={"hdf5": {"path": "project.json"}}), "sink.hdf5.path", "is a file")
        self.refused(self.project(sink={"jsonl": {"path": "project.json"}}), "sink.jsonl.path", "not an output")

    def test_an_input_without_a_row_that_can_be_decoded(self):
        (self.path / "rubbish").write_text("no\njson\n")
        self.refused(self.project(source={"jsonl": {"path": "rubbish"}}), "schema", "nothing can be inferred")

    def test_a_column_that_the_inferred_schema_has_not(self):
        self.refused(self.project(chain=[{"task": "normalizer", "columns": ["x", "y"]}]), "chain[0]", "y")

    def test_a_text_column_where_numbers_are_needed(self):
        self.refused(self.project(chain=[{"task": "standard_scaler", "columns": ["s"]}]), "chain[0]", "s")

    def test_a_result_that_the_sink_cannot_hold(self):
        (self.path / "texts.jsonl").write_text('{"s":"a"}\n')
        project = self.project(source={"jsonl": {"path": "texts.jsonl"}}, chain=["aggregated_sum"])
        self.refused(project, "sink.hdf5", "no columns to store")

    def test_files_with_different_header_lines(self):
        (self.path / "a.csv").write_text("x,y\n1,2\n")
        (self.path / "b.csv").write_text("x,z\n1,2\n")
        self.refused(self.project(source={"csv": {"path": ["a.csv", "b.csv"]}}), "b.csv", "header")

    def test_speed_without_a_time_column(self):
        self.project()
        (self.path / "rows.jsonl").write_text('{"x":1}\n')
        project = {"source": {"jsonl": {"path": "rows.jsonl"}}, "speed": "60x", "sink": {"hdf5": {"path": "out"}}}
        (self.path / "project.json").write_text(json.dumps(project))
        self.refused(self.path / "project.json", "speed", "time")

    def test_all_problems_come_at_once(self):
        project = self.project(source={"jsonl": {"path": "gone"}}, sink={"hdf5": {"path": "/dev/null/x"}})
        self.refused(project, "gone", "sink.hdf5.path")

    def test_a_project_file_that_is_not_there(self):
        code, said = self.call("validate", "nowhere.json")
        self.assertEqual(code, 3, said)
        self.assertIn("nowhere.json", said)


if __name__ == "__main__":
    unittest.main()
