# SPDX-License-Identifier: Apache-2.0
"""Quarantined rows that are put back, with a requeue that is killed at each step of its commits and called again.

    requeue_test.py MILLRACE

A requeue that was killed ends like one that was not: the same digest, the same quarantine file, and a run behind it
goes on to the same end."""
import base64
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import zlib

import millrace_runs as runs
from private_broker import PrivateBroker

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
ROWS, HOPELESS = 3000, 60
# Of millrace/base/step.hpp: in the commit of message 20, where the requeue begins, and in merges.
STEPS = [f"{step}:20" for step in ("segment write", "segment sync", "segment rename", "segment renamed", "rejects write",
                                   "rejects sync", "manifest append", "manifest sync", "manifest appended", "view rename")]
STEPS += ["manifest append", "manifest appended", "merge written", "merged", "merge remove"]


def row(number):
    """Half of them are good; of the others most are for a mended project, and a few for none."""
    if number % 2 == 0:
        return f'{{"n":{number},"x":{number}.5}}\n'
    return f'{{"n":{number},"x":NaN}}\n' if number % 50 > 1 else f"rubbish {number}\n"


def expected_numbers(first, end):
    return {number for number in range(first, end) if not row(number).startswith("rubbish")}


class Requeues(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-test-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        self.project = self.write_project("project.json", non_finite="refuse")
        self.mended = self.write_project("mended.json", non_finite="missing")
        self.write_rows("rows-1.jsonl", 0, ROWS)

    def write_project(self, name, **source):
        project = {"source": {"jsonl": {"path": "rows-*.jsonl", **source}}, "buffering_factor": 20, "method": "single",
                   "schema": {"columns": [{"name": "n", "type": "int64"}, {"name": "x"}]}, "chain": ["fillna_zeros"],
                   "sink": {"hdf5": {"path": "out", "segment_seconds": 0, "source_row": True}}}
        (self.path / name).write_text(json.dumps(project))
        return name

    def write_rows(self, name, first, end):
        (self.path / name).write_text("".join(map(row, range(first, end))))

    def call(self, *words, code=0, stop_at=None):
        environment = {"MILLRACE_STOP_AT": stop_at} if stop_at else {}
        done = subprocess.run([MILLRACE, *words], cwd=self.path, capture_output=True, text=True, timeout=120,
                              env={**runs.mpi_environment(), **environment})
        self.assertEqual(done.returncode, code, f"{words}, {stop_at}: {done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def requeue(self, code=0, **more):
        return self.call("requeue", "out", "--project", self.mended, "--quiet", code=code, **more)

    def digest(self):
        self.call("inspect", "out", "--verify")
        return self.call("inspect", "out", "--digest"), (self.path / "out.rejects.jsonl").read_bytes()

    def rows(self):
        return [json.loads(line) for line in self.call("inspect", "out", "--rows", "1000000").splitlines()
                if line.startswith("{")]

    def keep(self, name):
        shutil.rmtree(self.path / name, ignore_errors=True)
        shutil.copytree(self.path / "out", self.path / name)
        shutil.copy(self.path / "out.rejects.jsonl", self.path / f"{name}.rejects.jsonl")

    def put_back_kept(self, name):
        shutil.rmtree(self.path / "out")
        shutil.copytree(self.path / name, self.path / "out")
        shutil.copy(self.path / f"{name}.rejects.jsonl", self.path / "out.rejects.jsonl")

    def assert_each_once(self, first, end):
        rows = self.rows()
        self.assertEqual(len(rows), len(expected_numbers(first, end)))
        self.assertEqual({one["n"] for one in rows}, expected_numbers(first, end))
        for one in rows:
            self.assertEqual(one["source_row"], one["n"])
            self.assertEqual(one["x"], one["n"] + 0.5 if one["n"] % 2 == 0 else 0)

    def test_a_requeue_that_is_killed_anywhere_ends_like_one_that_was_not(self):
        self.call("run", self.project, "--quiet")
        self.keep("before")
        self.requeue()
        whole = self.digest()
        self.assert_each_once(0, ROWS)
        self.assertEqual(whole[1].count(b"rubbish"), 2 * HOPELESS)
        self.write_rows("rows-2.jsonl", ROWS, ROWS + 500)
        self.call("run", self.project, "--quiet")
        whole_behind = self.digest()
        for step in STEPS:
            with self.subTest(step=step):
                (self.path / "rows-2.jsonl").unlink(missing_ok=True)
                self.put_back_kept("before")
                self.requeue(code=-signal.SIGKILL, stop_at=step)
                self.requeue()
                self.assertEqual(self.digest(), whole)
                self.write_rows("rows-2.jsonl", ROWS, ROWS + 500)
                self.call("run", self.project, "--quiet")
                self.assertEqual(self.digest(), whole_behind)

    def test_one_that_dies_again_and_again_loses_and_doubles_nothing(self):
        self.call("run", self.project, "--quiet")
        for count in range(1, 12):
            self.requeue(code=-signal.SIGKILL, stop_at=f"manifest appended:{1 + count % 3}")
        self.requeue()
        self.call("inspect", "out", "--verify")
        self.assert_each_once(0, ROWS)

    def test_an_unfinished_run_goes_on_where_it_was(self):
        self.call("run", self.project, "--quiet", "--max-rows", "1000", code=75)
        self.requeue()
        self.assertLess(max(one["n"] for one in self.rows()), ROWS // 2)
        self.call("run", self.project, "--quiet")
        self.requeue()
        self.call("inspect", "out", "--verify")
        self.assert_each_once(0, ROWS)

    def test_what_is_left_is_counted_and_called_by_its_reason(self):
        self.call("run", self.project, "--quiet")
        said = self.call("requeue", "out", "--dry-run")
        self.assertIn(f"would put back {ROWS // 2} rows", said)
        self.assertRegex(said, rf"{ROWS // 2 - HOPELESS}  decode: not valid JSON")
        self.requeue()
        self.assertIn(f"would put back {HOPELESS} rows", self.call("requeue", "out", "--dry-run"))
        self.assertIn(f"put back {ROWS // 2} quarantined rows; {HOPELESS} are in quarantine", self.call("inspect", "out"))
        self.call("requeue", "out", "--strict", code=4)

    def test_a_run_that_holds_the_output_keeps_a_requeue_out(self):
        command = [MILLRACE, "run", self.project, "--quiet", "--set", "arrival_rate=1"]
        with subprocess.Popen(command, cwd=self.path, stderr=subprocess.PIPE, text=True) as run:
            try:
                while "memory bound" not in run.stderr.readline():  # which is said once the output is begun
                    self.assertIsNone(run.poll())
                self.assertIn(f"is in use by process {run.pid}", self.requeue(code=3))
            finally:
                run.kill()

    def publish(self, broker, topic, payload):
        subprocess.run(["mosquitto_pub", "-p", str(broker.port), "-q", "1", "-t", topic, "-m", payload], check=True)

    def test_payloads_of_another_form_than_was_declared_are_taken_apart_and_what_the_journal_holds_comes_behind(self):
        with PrivateBroker() as broker:
            mqtt = {"broker": broker.url, "client_id": "requeue", "topic": "a/+", "qos": 1, "topic_column": "from"}
            project = {"source": {"mqtt": {**mqtt, "payload": "packed"}}, "sink": {"jsonl": {"path": "out.jsonl"}}, "schema": {
                "columns": [{"name": "n", "type": "int64"}, {"name": "from", "type": "text"}]}, "method": "single"}
            (self.path / "packed.json").write_text(json.dumps(project))
            project["source"]["mqtt"]["payload"] = "array"
            (self.path / "array.json").write_text(json.dumps(project))
            self.call("run", "packed.json", "--quiet", "--once", "--idle-timeout", "0.5")
            for number in range(3):
                self.publish(broker, f"a/{number}", f'[{{"n":{2 * number}}},{{"n":{2 * number + 1}}}]')
            once = ["run", "packed.json", "--quiet", "--once", "--idle-timeout", "1"]
            self.call(*once)
            for number in (3, 4):
                rows = json.dumps([{"n": 2 * number}, {"n": 2 * number + 1}]).encode()
                self.publish(broker, f"a/{number}", base64.b64encode(zlib.compress(rows)).decode())
            self.call(*once, code=-signal.SIGKILL, stop_at="manifest append")
            self.call("requeue", "out.jsonl", "--project", "array.json", "--strict")
            self.call(*once)
            self.call("inspect", "out.jsonl", "--verify")
            found = [json.loads(line) for line in (self.path / "out.jsonl").read_text().splitlines()]
            self.assertEqual(found, [{"n": number, "from": f"a/{number // 2}"} for number in range(10)])


if __name__ == "__main__":
    unittest.main()
