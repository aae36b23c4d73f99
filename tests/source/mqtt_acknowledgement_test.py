# SPDX-License-Identifier: Apache-2.0
"""Nothing is acknowledged before it is kept: a process that is killed while it keeps a payload is sent it again.

    mqtt_acknowledgement_test.py MQTT_RECEIVER
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
from private_broker import PrivateBroker  # noqa: E402

RECEIVER = sys.argv.pop(1)
COUNT = 20


class Receiver:
    def __init__(self, test, never=""):
        self.process = subprocess.Popen([RECEIVER, test.broker.url, "run", test.version, str(test.qos), test.session_file,
                                         never], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.process.stdin.close)
        test.addCleanup(self.process.stdout.close)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        self.kept = []  # packet id, DUP, payload
        self.sessions = 0

    def read_until(self, is_enough):
        while not is_enough(self):
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError("the receiver ended")
            word, *rest = line.split()
            self.sessions += word == "session"
            if word == "keep":
                self.kept.append((int(rest[0]), rest[1] == "1", rest[2]))
        return self

    def payloads(self):
        return {payload for _, _, payload in self.kept}

    def stop(self):
        said, _ = self.process.communicate(timeout=30)
        return said


def publish(broker, payloads):
    subprocess.run(["mosquitto_pub", "-p", str(broker.port), "-t", "t", "-q", "2", "-l"], text=True, check=True,
                   input="".join(f"{payload}\n" for payload in payloads))


class Acknowledgement(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.session_file = folder.name + "/session"
        self.broker = PrivateBroker().start()
        self.addCleanup(self.broker.__exit__)

    def check(self, version, qos):
        self.version, self.qos = version, qos
        first = Receiver(self).read_until(lambda receiver: receiver.sessions == 1)
        first.read_until(lambda receiver: receiver.process.stdout.readline() == "receiving\n")
        first.stop()
        names = [f"row{n}" for n in range(COUNT)]
        publish(self.broker, names)

        killed = Receiver(self, never="row7").read_until(lambda receiver: "row7" in receiver.payloads())
        killed.process.kill()
        held = killed.kept[-1]
        self.assertEqual((held[1], held[2]), (False, "row7"))

        after = Receiver(self).read_until(lambda receiver: set(names[7:]) <= receiver.payloads())
        self.assertIn((held[0], True, "row7"), after.kept)
        once = {payload: packet_id for packet_id, _, payload in killed.kept}
        for packet_id, is_duplicate, payload in after.kept:
            if payload in once:
                self.assertEqual((packet_id, is_duplicate), (once[payload], True))
        after.stop()

        publish(self.broker, ["last"])
        last = Receiver(self).read_until(lambda receiver: "last" in receiver.payloads())
        # What the broker had not yet been told of when the receiver left comes again, to be recognised.
        known = {(packet_id, payload) for packet_id, _, payload in after.kept}
        self.assertEqual([payload for packet_id, is_duplicate, payload in last.kept
                          if not is_duplicate or (packet_id, payload) not in known], ["last"])
        self.assertEqual((killed.sessions, after.sessions, last.sessions), (0, 0, 0))
        last.stop()

    def test_qos_1_of_version_3_1_1(self):
        self.check("3.1.1", 1)

    def test_qos_2_of_version_3_1_1(self):
        self.check("3.1.1", 2)

    def test_qos_1_of_version_5(self):
        self.check("5", 1)

    def test_qos_2_of_version_5(self):
        self.check("5", 2)


if __name__ == "__main__":
    unittest.main()
