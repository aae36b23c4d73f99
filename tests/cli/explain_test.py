# SPDX-License-Identifier: Apache-2.0
"""What `explain` says is what `run` then does.

    explain_test.py MILLRACE
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
ROWS = '{"t":"2024-01-01T00:00:00Z","x":1,"y":-2.5,"s":"a"}\n{"t":"2024-01-01T00:01:00Z","x":2,"y":null,"s":"b"}\n' * 50
COLUMNS = [{"name": "t", "type": "time", "unit": "s"}, {"name": "x", "type": "float64", "unit": "degree_C"},
           {"name": "n", "type": "int64"}, {"name": "id", "type": "int64", "role": "key"}, {"name": "s", "type": "text"}]


class Explain(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "rows.jsonl").write_text(ROWS)

    def call(self, *words, **environment):
        run = subprocess.run([MILLRACE, *words], cwd=self.path, capture_output=True, text=True, timeout=60,
                             env={**os.environ, **environment})
        self.assertEqual(run.returncode, 0, f"{words}: {run.stderr}")
        return run.stdout, run.stderr

    def write(self, **changes):
        project = {"source": {"jsonl": {"path": "rows.jsonl"}}, "sink": {"hdf5": {"path": "out"}}, "worker_count": 2, **changes}
        (self.path / "project.json").write_text(json.dumps(project))

    def text(self, **changes):
        self.write(**changes)
        return self.call("explain", "project.json")[0]

    def parsed(self, **changes):
        self.write(**changes)
        return json.loads(self.call("explain", "project.json", "--format", "json")[0])

    def stage(self, explained, name):
        return next(stage for stage in explained["stages"] if stage["stage"] == name)

    def types(self, explained, stage):
        return {column["name"]: column["type"] for column in self.stage(explained, stage)["schema"]["columns"]}

    def test_the_stages_come_in_the_order_of_the_data(self):
        chain = ["fillna_zeros", {"task": "normalizer", "columns": ["x", "y"]}]
        explained = self.parsed(chain=chain)
        self.assertEqual([stage["stage"] for stage in explained["stages"]],
                         ["source", "buffer", "prepare", "chain[0]", "chain[1]", "result", "sink"])
        self.assertEqual(self.stage(explained, "chain[1]")["works_on"], ["x", "y"])
        self.assertEqual(self.stage(explained, "chain[1]")["options"],
                         {"norm": "l2", "missing": "refuse", "columns": ["x", "y"]})
        self.assertEqual(self.stage(explained, "sink")["part"], "hdf5")

    def test_the_schema_behind_every_stage_follows_from_schema_and_options(self):
        explained = self.parsed(schema={"columns": COLUMNS}, chain=["abs", "standard_scaler", "aggregated_sum"])
        self.assertEqual(self.stage(explained, "prepare")["schema"]["columns"], COLUMNS)
        self.assertEqual(self.stage(explained, "chain[0]")["schema"]["columns"], COLUMNS)
        self.assertEqual(self.types(explained, "chain[1]"),
                         {"t": "time", "x": "float64", "n": "float64", "id": "int64", "s": "text"})
        self.assertEqual(self.stage(explained, "result")["schema"]["columns"],
                         [{"name": "x", "type": "float64", "unit": "degree_C"}, {"name": "n", "type": "float64"}])

    def test_the_result_has_the_columns_that_were_announced(self):
        for chain in [[], ["standard_scaler"], ["fillna_mean", "aggregated_sum"]]:
            explained = self.parsed(chain=chain)
            self.call("run", "project.json", "--overwrite", "--quiet", "--transport", "loopback")
            found = re.findall(r"^  (\S+) +(\w+)", self.call("inspect", "out")[0], re.M)
            self.assertEqual(self.types(explained, "result"), dict(found))

    def test_the_text_shows_columns_units_roles_and_what_changes(self):
        said = self.text(schema={"columns": COLUMNS}, chain=["standard_scaler", "aggregated_sum"])
        for line in [r"prepare +\{\"schema\":\"declared\"\} 5 columns:", r" +x +float64  degree_C", r" +id +int64 +\(key\)",
                     r"chain\[0\] +standard_scaler \{\"with_mean\":true,\"with_std\":true\} on x, n",
                     r" +n: int64 becomes float64", r" +3 of 5 columns go", r"result +2 columns:"]:
            self.assertRegex(said, re.compile(f"^{line}$", re.M))
        self.assertNotRegex(said, re.compile(" $", re.M))

    def test_the_memory_bound_is_the_one_that_run_prints(self):
        for sink in [{"hdf5": {"path": "out"}}, {"csv": {"path": "out.csv"}}, {"null": {}}]:
            said = self.text(sink=sink, buffering_factor=10)
            bound = re.search(r"memory bound: .*", said).group()
            self.assertIn(bound, self.call("run", "project.json", "--transport", "loopback")[1])
            memory = self.parsed(sink=sink, buffering_factor=10)["memory_bound_bytes"]
            self.assertIn(f"rank 0 {memory['rank_0'] / 1e6:.0f} MB", bound)
            self.assertIn(f"each worker {memory['each_worker'] / 1e6:.0f} MB", bound)

    def test_the_layout_is_the_projects(self):
        self.assertIn("layout: multiprocessing: 3 ranks; rank 0 feeds 2 workers of 1 thread, and works along\n", self.text())
        self.assertIn("rank 0 feeds 2 workers of 1 thread\n", self.text(arrival_rate=1000))
        self.assertIn("layout: single: one process feeds 1 worker of 2 threads\n",
                      self.text(method="single", worker_count=1, threads_per_worker=2))
        self.assertEqual(self.parsed(worker_count=3)["layout"],
                         {"method": "multiprocessing", "ranks": 4, "workers": 3, "threads_per_worker": 1,
                          "rank_0_works_along": True})
        self.write()
        (self.path / "project.json").write_text((self.path / "project.json").read_text().replace(', "worker_count": 2', ""))
        self.assertNotIn("worker_count", (self.path / "project.json").read_text())
        self.assertIn("under mpirun as many as it starts", self.call("explain", "project.json")[0])
        self.assertIn("400 workers of 1 thread run on", self.text(worker_count=400))

    def test_what_makes_little_sense_on_one_message_is_warned_of(self):
        warnings = self.parsed(buffering_factor=1, chain=["robust_scaler", "drop_duplicates"])["warnings"]
        self.assertEqual(warnings, ["chain[0] robust_scaler: a message has one row: every value becomes 0",
                                    "chain[1] drop_duplicates: a message of one row has no duplicates: nothing is dropped"])
        self.assertEqual(self.parsed(buffering_factor=1000, chain=["robust_scaler"])["warnings"], [])

    def test_a_sum_leaves_one_row_and_takes_texts_and_times_away(self):
        warnings = self.parsed(chain=["aggregated_sum", "standard_scaler"])["warnings"]
        self.assertEqual(warnings, ["chain[0] aggregated_sum: gone behind it: t, s",
                                    "chain[0] aggregated_sum: no time column is left, so the dimension of the result is row",
                                    "chain[1] standard_scaler: a message has one row: every value becomes 0"])
        warnings = self.parsed(chain=["aggregated_sum"], sink={"csv": {"path": "out.csv"}})["warnings"]
        self.assertEqual(warnings, ["chain[0] aggregated_sum: gone behind it: t, s"])

    def test_what_the_inference_doubts_is_warned_of(self):
        (self.path / "rows.jsonl").write_text('{"x":1,"y":null}\n')
        self.assertRegex(self.text(), r"(?m)^warning: .*\by\b")

    def test_a_paced_replay_shows_what_cuts_its_messages(self):
        self.assertNotIn("buffer_timeout_s", self.text())
        buffer = self.stage(self.parsed(arrival_rate=1100.5, buffer_timeout_s=0.5), "buffer")
        self.assertEqual(buffer["options"], {"buffering_factor": 1000, "buffer_bytes": 64 << 20, "arrival_rate": 1100.5,
                                             "buffer_timeout_s": 0.5})
        self.assertEqual(self.stage(self.parsed(speed="60x"), "buffer")["options"]["speed"], "60x")

    def test_secrets_are_not_shown(self):
        self.write(source={"jsonl": {"path": "${HIDDEN}.jsonl"}})
        for form in ["text", "json"]:
            said, _ = self.call("explain", "project.json", "--format", form, HIDDEN="rows")
            self.assertIn("${HIDDEN}.jsonl", said)
            self.assertNotIn("rows.jsonl", said)

    def test_any_name_is_quoted(self):
        (self.path / "rows.jsonl").write_text('{"a\\"b\\\\":1,"s":"x"}\n')
        explained = self.parsed(description='a "day"', chain=["abs", "aggregated_sum"])
        self.assertEqual(self.stage(explained, "chain[0]")["works_on"], ['a"b\\'])
        self.assertEqual(explained["description"], 'a "day"')

    def test_nothing_is_written(self):
        self.text(chain=["standard_scaler"])
        self.assertEqual(sorted(path.name for path in self.path.rglob("*")), ["project.json", "rows.jsonl"])


if __name__ == "__main__":
    unittest.main()
