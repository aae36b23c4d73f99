# SPDX-License-Identifier: Apache-2.0
"""Live rows over TLS, by password and client certificate: what is right passes; each thing that is wrong gives one error
that says what, and an exit code, and does not hinder the next run; no secret is found in anything that a run says or leaves.

    mqtt_tls_test.py MILLRACE
"""
import base64
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker, make_certificates

MILLRACE = pathlib.Path(sys.argv.pop(1)).resolve()
ROWS, ROWS_IN_MESSAGE, TIME_LIMIT_S = 60, 20, 20
USER = "station"
RIGHT, WRONG, PHRASE, WRONG_PHRASE = (f"hush-{secrets.token_hex(8)}" for _ in range(4))
PROJECT_REFUSED, BROKER_REFUSED = 3, 7


class Place:
    """Certificates, secrets, and a broker for each certificate that a broker may show."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-test-"))
        self.outputs = self.folder / "outputs"
        self.files = self.folder / "files"
        for folder in (self.outputs, self.files):
            folder.mkdir()
        make_certificates(self.files)
        subprocess.run(["openssl", "pkcs8", "-topk8", "-in", self.files / "client.key", "-out", self.files / "sealed.key",
                        "-passout", "env:PHRASE"], env={**os.environ, "PHRASE": PHRASE}, check=True)
        for name, text in (("right", RIGHT), ("wrong", WRONG), ("phrase", PHRASE), ("wrong_phrase", WRONG_PHRASE)):
            (self.files / name).write_text(text + "\n")
        subprocess.run(["mosquitto_passwd", "-c", self.files / "passwords", USER], input=f"{RIGHT}\n{RIGHT}\n".encode(),
                       check=True, stdout=subprocess.DEVNULL)
        self.brokers = {name: self.broker(name).start() for name in ("server", "elsewhere", "expired")}

    def broker(self, certificate):
        listener = ["require_certificate true", f"password_file {self.files}/passwords"]
        for option, file in (("certfile", f"{certificate}.crt"), ("keyfile", f"{certificate}.key"), ("cafile", "ca.crt")):
            listener.append(f"{option} {self.files / file}")
        return PrivateBroker(listener=listener, allow_anonymous=False, tls=True)

    def in_file(self, name):
        return {"file": str(self.files / name)}

    def right(self):
        return {"ca_file": str(self.files / "ca.crt"), "certificate_file": str(self.files / "client.crt"),
                "key_file": str(self.files / "client.key"), "user": USER, "password": self.in_file("right")}

    def remove(self):
        for broker in self.brokers.values():
            broker.__exit__()
        shutil.rmtree(self.folder)


def encodings(secret):
    """A secret as such, in hexadecimal digits, and in base64 at each place that it may begin at."""
    yield secret
    yield secret.hex().encode()
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + secret)
        yield text[(8 * shift + 5) // 6:8 * (shift + len(secret)) // 6]


def needles(place):
    key = (place.files / "client.key").read_text()
    der = base64.b64decode("".join(key.splitlines()[1:-1]))
    number = re.search(b"\x04\x20(.{32})", der, re.S)[1]  # of the elliptic curve: all that is private in it
    texts = [text.encode() for text in (RIGHT, WRONG, PHRASE, WRONG_PHRASE)]
    sealed = (place.files / "sealed.key").read_text().splitlines()[1:-1]
    return [*(needle for secret in (*texts, number) for needle in encodings(secret)), *(line.encode() for line in sealed)]


def command_lines():
    lines = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_bytes())
            except OSError:
                pass
    return b"\n".join(lines)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.remove)
        cls.needles = needles(cls.place)

    def assert_silent(self, said, where):
        said = said if isinstance(said, bytes) else said.encode()
        for needle in self.needles:
            self.assertFalse(needle in said, f"a secret ({needle[:4]!r}...) is in {where}")

    def assert_nothing_is_left_of_secrets(self):
        files = [path for path in self.place.outputs.rglob("*") if path.is_file()]
        for path in files:
            self.assert_silent(path.read_bytes(), path)
        return files

    def project(self, name, certificate="server", sets=None, **changes):
        """A project that is right but for what differs; None takes an option out."""
        options = {**self.place.right(), **changes}
        places = {f"source__mqtt__{option}": value for option, value in options.items() if value is not None}
        places.setdefault("source__mqtt__broker", self.place.brokers[certificate].url)
        path = self.place.folder / f"{name}.json"
        return live.live_project(path, places.pop("source__mqtt__broker"), self.place.outputs / name, name,
                                 **places, buffering_factor=ROWS_IN_MESSAGE, **(sets or {}))

    def finish(self, command, code, **environment):
        began = time.monotonic()
        run = runs.Started(command, **environment)
        found, said = run.finish(TIME_LIMIT_S)
        self.assertEqual(found, code, said)
        self.assert_silent(said, f"what {' '.join(map(str, command))} says")
        self.assertNotIn("pass phrase:", said, "it asks")
        return said, time.monotonic() - began

    def publish(self, name, seed):
        station = live.Station(MILLRACE, ROWS, seed)
        files = self.place.files
        code, said = station.publish(self.place.brokers["server"].url, name, 1, "5", None, "--ca-file", files / "ca.crt",
                                     "--certificate-file", files / "client.crt", "--key-file", files / "sealed.key",
                                     "--key-password-file", files / "phrase", "--user", USER,
                                     "--password-file", files / "right").finish(TIME_LIMIT_S)
        self.assertEqual(code, 0, said)
        self.assert_silent(said, "what the publisher says")
        return station.expected()

    def check_right_run(self, name, command, **environment):
        """`command`, which takes `name`.json, stores what is published, and says no secret anywhere."""
        run = runs.Started([*command, "--max-rows", ROWS], **environment)
        runs.wait_until(lambda: "subscribed" in run.said_so_far() or run.process.poll() is not None, f"{name} subscribes",
                        TIME_LIMIT_S)
        self.assertIsNone(run.process.poll(), run.said_so_far())
        self.assert_silent(command_lines(), "the command line of a process")
        published = self.publish(name, seed=1)
        code, said = run.finish(TIME_LIMIT_S)
        self.assertEqual(code, 75, said)
        self.assert_silent(said, "what the run says")
        runs.verify(MILLRACE, self.place.outputs / name)
        self.assertEqual(live.difference(self.place.outputs / name, published), "")
        return said

    def check_what_is_printed_of(self, project, **environment):
        for command in ("validate", "explain"):
            self.finish([MILLRACE, command, project], 0, **environment)
        self.assertIn('"user":"station"', self.finish([MILLRACE, "explain", project, "--format", "json"], 0, **environment)[0])
        output = self.place.outputs / project.stem
        self.finish([MILLRACE, "inspect", output, "--verify", "--rows", "3"], 0)

    def test_secrets_from_files_pass_and_are_left_nowhere(self):
        project = self.project("from_files", key_file=str(self.place.files / "sealed.key"),
                               key_password=self.place.in_file("phrase"))
        self.check_right_run("from_files", ["mpirun", "-q", "-n", "3", MILLRACE, "run", project])
        self.check_what_is_printed_of(project)
        names = {path.name for path in self.assert_nothing_is_left_of_secrets()}
        self.assertLessEqual({"manifest", "report.json", "results.h5", "session"}, names)

    def test_secrets_from_the_environment_pass_and_are_left_nowhere(self):
        project = self.project("from_environment", version="3.1.1", password="${MILLRACE_TEST_PASSWORD}",
                               key_file=str(self.place.files / "sealed.key"), key_password="${MILLRACE_TEST_PHRASE}",
                               sets={"worker_count": 2})
        environment = {"MILLRACE_TEST_PASSWORD": RIGHT, "MILLRACE_TEST_PHRASE": PHRASE}
        said = self.check_right_run("from_environment", [MILLRACE, "run", project, "--log-format", "json"], **environment)
        self.assertIn("rank 2", said)
        self.check_what_is_printed_of(project, **environment)
        self.assert_nothing_is_left_of_secrets()

    def check_refusal(self, name, said, certificate="server", **changes):
        project = self.project(name, certificate, **changes)
        output, took_s = self.finish([MILLRACE, "run", project, "--transport", "loopback"], BROKER_REFUSED)
        self.assert_is_the_only_error(output, said, self.place.brokers[certificate].url)
        self.assertLess(took_s, 10)
        self.assert_nothing_is_left_of_secrets()
        self.check_right_run(name, [MILLRACE, "run", self.project(name), "--transport", "loopback"])

    def assert_is_the_only_error(self, output, *parts):
        errors = [line for line in output.splitlines()  # where /tmp lies on is none of them
                  if " error: " in line or (" warning: " in line and " lies on " not in line)]
        self.assertEqual(len(errors), 1, output)
        for part in parts:
            self.assertIn(part, errors[0])

    def test_a_certificate_of_another_authority(self):
        self.check_refusal("other_ca", "`ca_file` must hold the authority that signed it",
                           ca_file=str(self.place.files / "other_ca.crt"))

    def test_a_certificate_that_this_system_does_not_trust(self):
        self.check_refusal("system_ca", "`ca_file` must hold the authority that signed it", ca_file=None)

    def test_a_certificate_for_another_name(self):
        self.check_refusal("elsewhere", "is not for the name localhost", certificate="elsewhere")

    def test_an_expired_certificate(self):
        self.check_refusal("expired", "has expired; it must be renewed at the broker", certificate="expired")

    def test_no_client_certificate(self):
        self.check_refusal("no_certificate", "a certificate of this client, which has none", certificate_file=None,
                           key_file=None)

    def test_a_client_certificate_of_another_authority(self):
        self.check_refusal("stranger", "does not accept this client's certificate",
                           certificate_file=str(self.place.files / "stranger.crt"),
                           key_file=str(self.place.files / "stranger.key"))

    def test_a_key_of_another_certificate(self):
        key = str(self.place.files / "stranger.key")
        self.check_refusal("other_key", f"key_file {key}: ", key_file=key)
        sealed, phrase = str(self.place.files / "sealed.key"), self.place.in_file("phrase")
        self.check_refusal("other_certificate", f"key_file {sealed}: ", key_file=sealed, key_password=phrase,
                           certificate_file=str(self.place.files / "stranger.crt"))

    def test_a_key_that_is_sealed(self):
        key = str(self.place.files / "sealed.key")
        self.check_refusal("sealed", f"key_file {key} is encrypted: it needs a `key_password`", key_file=key)
        self.check_refusal("wrong_phrase", f"key_file {key} is encrypted: `key_password` does not open it", key_file=key,
                           key_password=self.place.in_file("wrong_phrase"))

    def test_a_wrong_password(self):
        for version in ("5", "3.1.1"):
            self.check_refusal(f"wrong_password_{version}", "check `user` and `password`", version=version,
                               password=self.place.in_file("wrong"))

    def test_no_password(self):
        self.check_refusal("no_password", "it may want `user` and `password`", user=None, password=None)

    def test_a_refusal_ends_every_rank(self):
        project = self.project("ranks", password=self.place.in_file("wrong"), sets={"worker_count": 2})
        output, took_s = self.finish(["mpirun", "-q", "-n", "3", MILLRACE, "run", project], BROKER_REFUSED)
        self.assert_is_the_only_error(output, "check `user` and `password`")
        self.assertLess(took_s, 15)
        self.assertEqual(runs.processes_of(project), [])

    def check_project_refused(self, name, said, *more, environment=None, **changes):
        project = self.project(name, **changes)
        for command in ("run", "validate", "explain"):
            output, _ = self.finish([MILLRACE, command, project, *more], PROJECT_REFUSED, **(environment or {}))
            self.assertEqual(len(output.splitlines()), 1, output)
            self.assertIn(said, output)
        self.assertEqual(list(self.place.outputs.glob(f"{name}*")), [])

    def test_a_password_in_the_address_is_refused_and_not_repeated(self):
        address = self.place.brokers["server"].url.replace("://", f"://{USER}:{RIGHT}@")
        said = "leave user and password out of the address"
        self.check_project_refused("in_address", said, broker=address)
        self.check_project_refused("in_second_address", said, broker=[self.place.brokers["server"].url, address])
        self.check_project_refused("in_outside_address", said, broker="${URL}", environment={"URL": address})
        self.check_project_refused("in_set_address", said, "--set", f"source.mqtt.broker={address}")
        self.finish([MILLRACE, "generate", "--rows", "1", "--publish", f"{address}/topic"], 2)

    def test_a_password_in_the_project_is_refused_and_not_repeated(self):
        self.check_project_refused("in_project", "source.mqtt.password: expected ${NAME}", password=RIGHT)
        self.check_project_refused("in_set", "source.mqtt.password: expected ${NAME}", "--set", f"source.mqtt.password={RIGHT}")
        self.check_project_refused("phrase_in_project", "source.mqtt.key_password: expected ${NAME}", key_password=PHRASE)

    def test_a_file_that_is_not_there_is_named(self):
        for option in ("ca_file", "certificate_file", "key_file"):
            self.check_project_refused(option, f"source.mqtt.{option}: there is no file /nowhere", **{option: "/nowhere"})


if __name__ == "__main__":
    unittest.main()
