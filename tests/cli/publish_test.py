# SPDX-License-Identifier: Apache-2.0
"""`millrace generate --publish` against a broker of its own.

    publish_test.py MILLRACE
"""
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
from private_broker import PrivateBroker  # noqa: E402

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())


def generate(*words, code=0):
    run = subprocess.run([MILLRACE, "generate", *words], capture_output=True, text=True, timeout=60)
    if run.returncode != code:
        raise AssertionError(f"exit code {run.returncode}, not {code}: {words}\n{run.stderr}")
    return run.stdout if code == 0 and "--publish" not in words else run.stderr


class Publish(unittest.TestCase):
    def subscriber(self, broker, name, *more):
        """mosquitto_sub with a session `name` that stays."""
        run = subprocess.run(["mosquitto_sub", "-p", str(broker.port), "-t", "a/b", "-q", "2", "-c", "-i", name, *more],
                             capture_output=True, text=True, check=True, timeout=60)
        return run.stdout.splitlines()

    def test_every_qos_of_every_version_publishes_the_rows_that_are_written_otherwise(self):
        rows = generate("--rows", "300", "--seed", "3").splitlines()
        with PrivateBroker(["queue_qos0_messages true"]) as broker:
            for version in ["3.1.1", "5"]:
                for qos in "012":
                    self.subscriber(broker, version + qos, "-E")
                    said = generate("--rows", "300", "--seed", "3", "--publish", broker.url + "/a/b", "--qos", qos,
                                    "--mqtt-version", version)
                    self.assertEqual(self.subscriber(broker, version + qos, "-C", "300"), rows)
                    self.assertRegex(said, "300 rows in 300 payloads (sent|acknowledged) in")

    def test_a_rate_is_kept(self):
        with PrivateBroker() as broker:
            began = time.monotonic()
            said = generate("--rows", "200", "--publish", broker.url + "/t", "--rate", "200")
            self.assertGreater(time.monotonic() - began, 0.99)
            self.assertLess(float(re.search(r"(\d+) rows/s", said).group(1)), 202)

    def test_a_broker_that_refuses_ends_it_with_the_reason(self):
        with PrivateBroker(allow_anonymous=False) as broker, tempfile.NamedTemporaryFile("w") as file:
            file.write("hush\n")
            file.flush()
            said = generate("--rows", "3", "--publish", broker.url + "/t", "--user", "me", "--password-file", file.name, code=1)
            self.assertIn("check `user` and `password`", said)
            self.assertNotIn("hush", said)

    def test_a_broker_that_is_absent_ends_it_after_a_while(self):
        said = generate("--rows", "3", "--publish", PrivateBroker().url + "/t", "--give-up-after", "0.2", code=1)
        self.assertIn("Connection refused", said)

    def test_wrong_command_lines_are_usage_errors(self):
        for words in [["--publish", "mqtt://localhost"], ["--publish", "mqtt://localhost/"], ["--publish", "localhost/t"],
                      ["--publish", "mqtt://localhost/a/#"], ["--qos", "1"], ["--publish", "mqtt://localhost/t", "--qos", "3"],
                      ["--publish", "mqtt://localhost/t", "--rate", "0"], ["--publish", "amqp://localhost/t"]]:
            generate("--rows", "3", *words, code=2)


if __name__ == "__main__":
    unittest.main()
