# SPDX-License-Identifier: Apache-2.0
"""Results that are published over MQTT: complete and in order; after a kill at least once; what is refused, and what is
waited for.

    mqtt_sink_test.py MILLRACE
"""
import base64
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

from millrace_runs import wait_until
from private_broker import PrivateBroker, make_certificates

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
ROWS, MESSAGE, COMMIT, TIME_LIMIT_S = 5000, 100, 1000, 120
TOPIC = "results/weather"
ROWS_OF = {
    "row": lambda payload: [payload],
    "lines": lambda payload: payload.splitlines(),
    "array": lambda payload: [json.dumps(row) for row in json.loads(payload)],
    "packed": lambda payload: [json.dumps(row) for row in json.loads(zlib.decompress(base64.b64decode(payload)))],
}


def millrace(*arguments, code=0, **environment):
    run = subprocess.run([MILLRACE, *map(str, arguments)], capture_output=True, text=True, timeout=TIME_LIMIT_S,
                         env={**os.environ, **environment})
    if run.returncode != code:
        raise AssertionError(f"exit code {run.returncode}, not {code}: {arguments}\n{run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def plain(rows):
    return [json.loads(row) for row in rows]


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        (self.path / "rows.jsonl").write_text(millrace("generate", "--rows", ROWS, "--seed", 3))

    def project(self, url, **options):
        sink = {"broker": url, "topic": TOPIC, "path": str(self.path / "published"), "commit_rows": COMMIT, **options}
        return self.write("project", {"mqtt": sink})

    def write(self, name, sink):
        project = {"source": {"jsonl": {"path": str(self.path / "rows.jsonl")}}, "buffering_factor": MESSAGE,
                   "chain": ["fillna_zeros", "normalizer", "drop_duplicates"], "sink": sink}
        file = self.path / f"{name}.json"
        file.write_text(json.dumps(project))
        return file

    def expected(self):
        """What the jsonl sink makes of the same."""
        self.run_project(self.write("expected", {"jsonl": {"path": str(self.path / "expected.jsonl")}}))
        return (self.path / "expected.jsonl").read_text().splitlines()

    @staticmethod
    def run_project(project, *arguments, **more):
        return millrace("run", project, "--transport", "loopback", "--quiet", *arguments, **more)

    def rows_committed(self):
        return int(re.search(r"^rows (\d+) ", millrace("inspect", self.path / "published"), re.M)[1])


class Collector:
    """A session at the broker that has all that is published from now on."""

    def __init__(self, test):
        self.broker = test.broker
        client = ["-p", str(self.broker.port), "-t", TOPIC, "-q", "1", "-i", "collector", "-c"]
        subprocess.run(["mosquitto_sub", *client, "-E"], check=True, timeout=TIME_LIMIT_S)
        self.reading = subprocess.Popen(["mosquitto_sub", *client, "-F", "%l %p"], stdout=subprocess.PIPE)
        test.addCleanup(self.reading.stdout.close)
        test.addCleanup(self.reading.wait)
        test.addCleanup(self.reading.terminate)

    def payloads(self):
        """All that came since the last call."""
        wait_until(self.has_read_the_sinks, "the broker has read what the sinks sent")
        subprocess.run(["mosquitto_pub", "-p", str(self.broker.port), "-t", TOPIC, "-q", "1", "-m", "end"], check=True)
        limit = threading.Timer(TIME_LIMIT_S, self.reading.kill)
        limit.start()
        payloads = [self.read_one()]
        while payloads[-1] != "end":
            payloads.append(self.read_one())
        limit.cancel()
        return payloads[:-1]

    def has_read_the_sinks(self):
        """What a killed client sent may still be on its way."""
        log = self.broker.log.read_text()
        came = re.findall(r"New client connected from \S+ as millrace-sink", log)
        went = re.findall(r"Client millrace-sink-\S+ (?:closed|disconnected)", log)
        return len(came) == len(went)

    def read_one(self):
        size = b""
        while not size.endswith(b" "):
            size += self.reading.stdout.read(1) or self.fail()
        payload = self.reading.stdout.read(int(size)).decode()
        self.reading.stdout.read(1)
        return payload

    def fail(self):
        raise AssertionError(f"mosquitto_sub has ended, or had nothing for {TIME_LIMIT_S} s")


class WaitingRun:
    """A run whose log is read while it goes on; killed at the time limit."""

    def __init__(self, project, *arguments):
        self.process = subprocess.Popen([MILLRACE, "run", project, "--transport", "loopback", *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.limit = threading.Timer(TIME_LIMIT_S, self.process.kill)
        self.said = ""

    def __enter__(self):
        self.limit.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.limit.cancel()

    def read_until(self, sentence):
        while sentence not in self.said:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(f"it never said `{sentence}`:\n{self.said}")
            self.said += line

    def end(self):
        self.said += self.process.stdout.read()
        return self.process.wait()


class AtLeastOnce(Folder):
    def setUp(self):
        super().setUp()
        self.broker = PrivateBroker().start()
        self.addCleanup(self.broker.__exit__)

    def test_results_arrive_complete_in_order_and_once_each(self):
        expected = plain(self.expected())
        collector = Collector(self)
        for form, rows_of in ROWS_OF.items():
            with self.subTest(form):
                project = self.project(self.broker.url, payload=form)
                self.run_project(project, "--overwrite")
                payloads = collector.payloads()
                self.assertEqual(len(payloads), len(expected) if form == "row" else ROWS // MESSAGE)
                self.assertEqual(plain(row for payload in payloads for row in rows_of(payload)), expected)
                self.assertIn("already finished", millrace("run", project, "--transport", "loopback"))
                self.assertEqual(collector.payloads(), [])

    def test_after_a_kill_every_row_has_arrived_and_none_that_was_committed_comes_again(self):
        expected = self.expected()
        collector = Collector(self)
        for version, qos, step in (("5", 1, "publication:2500"), ("3.1.1", 1, "publication:2500"),
                                   ("5", 2, "publication:2500"), ("5", 1, "manifest append:3")):
            with self.subTest(f"MQTT {version}, QoS {qos}, killed at {step}"):
                project = self.project(self.broker.url, version=version, qos=qos)
                self.run_project(project, "--overwrite", code=-signal.SIGKILL, MILLRACE_STOP_AT=step)
                committed = self.rows_committed()
                first = collector.payloads()
                self.assertGreaterEqual(len(first), committed)
                self.assertEqual(first, expected[:len(first)])
                self.assertLess(committed, len(expected))
                self.run_project(project)
                self.assertEqual(collector.payloads(), expected[committed:])
                self.assertEqual(self.rows_committed(), len(expected))

    def test_a_broker_that_comes_late_is_waited_for(self):
        collector = Collector(self)
        self.broker.stop()
        with WaitingRun(self.project(self.broker.url)) as run:
            run.read_until("trying until it answers")
            self.broker.start()
            self.assertEqual(run.end(), 0, run.said)
        self.assertEqual(collector.payloads(), self.expected())

    def test_a_run_that_waits_for_its_broker_ends_when_it_is_asked_twice(self):
        self.broker.stop()
        for message in (100, 5):
            with self.subTest(f"{ROWS // message} messages: " + ("all wait for the sink", "not all read")[message == 5]):
                with WaitingRun(self.project(self.broker.url), "--overwrite", "--set",
                                f"buffering_factor={message}") as run:
                    run.read_until("trying until it answers")
                    time.sleep(1)  # what can be done without the sink is done by then
                    run.process.send_signal(signal.SIGTERM)
                    run.read_until("asked to stop: finishing the messages in flight")
                    run.process.send_signal(signal.SIGTERM)
                    self.assertEqual(run.end(), 75, run.said)


class Refusals(Folder):
    def refused(self, broker, said, **options):
        project = self.project(broker.url, **options)
        output = self.run_project(project, code=7)
        self.assertIn(said, output)
        self.assertNotIn("hush", output)
        self.assertNotIn("hush", (self.path / "published.report.json").read_text())
        self.assertNotIn(b"hush", (self.path / "published.manifest").read_bytes())

    def test_a_wrong_password(self):
        passwords = self.path / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "me", "right-hush"], check=True, capture_output=True)
        (self.path / "password").write_text("wrong-hush\n")
        with PrivateBroker(listener=[f"password_file {passwords}"], allow_anonymous=False) as broker:
            self.refused(broker, "check `user` and `password`", user="me", password={"file": str(self.path / "password")})

    def test_a_certificate_of_another_authority(self):
        files = make_certificates(self.path)
        with PrivateBroker(listener=[f"certfile {files}/server.crt", f"keyfile {files}/server.key"], tls=True) as broker:
            self.refused(broker, "`ca_file` must hold the authority", ca_file=f"{files}/other_ca.crt")
            self.run_project(self.project(broker.url, ca_file=f"{files}/ca.crt"))

    def test_a_topic_that_is_not_allowed(self):
        (self.path / "rules").write_text("topic write allowed\n")
        with PrivateBroker(config=[f"acl_file {self.path}/rules"]) as broker:
            self.refused(broker, f"refuses a publication to {TOPIC}: Not authorized")

    def test_a_broker_that_is_not_there_in_time(self):
        self.refused(PrivateBroker(), "given up after 0.5 s (give_up_after_s)", give_up_after_s=0.5)

    def test_validate_and_explain_connect_to_nothing_and_see_a_wrong_topic(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"mqtt://127.0.0.1:{server.getsockname()[1]}"
            for command in ("validate", "explain"):
                millrace(command, self.project(url))
                self.assertIn("sink.mqtt.topic: ", millrace(command, self.project(url, topic="a/#"), code=3))
            server.setblocking(False)
            self.assertRaises(BlockingIOError, server.accept)


if __name__ == "__main__":
    unittest.main()
