# SPDX-License-Identifier: Apache-2.0
"""A mosquitto of one's own, on a free port of the loopback, that keeps what it has to through any restart.

    with PrivateBroker() as broker:
        publish(broker.url + "/weather")
        broker.kill()
        broker.start()
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MOSQUITTO = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
CERTIFICATES = pathlib.Path(__file__).resolve().parent.parent / "mqtt" / "certificates.sh"
# Without a bound that drops, and saved every second: what the README tells people to set.
LOSSLESS = ["max_queued_messages 0", "max_inflight_messages 0", "persistence true", "autosave_interval 1"]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make_certificates(folder):
    """PEM files in `folder`; certificates.sh says which."""
    subprocess.run(["bash", CERTIFICATES, folder], check=True)
    return pathlib.Path(folder)


class PrivateBroker:
    """Started by start() or `with`; config: further lines of mosquitto.conf; listener: lines that follow its listener."""

    def __init__(self, config=(), listener=(), allow_anonymous=True, tls=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-broker-"))
        self.port = free_port()
        self.url = f"{'mqtts' if tls else 'mqtt'}://localhost:{self.port}"
        self.log = self.folder / "mosquitto.log"
        self.process = None
        self.lines = [*LOSSLESS, f"persistence_location {self.folder}/", "user root", *config,
                      f"listener {self.port} 127.0.0.1", f"allow_anonymous {'true' if allow_anonymous else 'false'}",
                      *listener]

    def start(self, time_limit_s=20):
        """Returns when it listens. Again after stop() or kill(): the same port and state."""
        (self.folder / "mosquitto.conf").write_text("\n".join(self.lines) + "\n")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([MOSQUITTO, "-c", str(self.folder / "mosquitto.conf")], stdout=log, stderr=log)
        deadline = time.monotonic() + time_limit_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise SystemExit(f"mosquitto does not start:\n{self.log.read_text()}")

    def stop(self):
        """An orderly end: it saves its state."""
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def hang(self):
        """It keeps its connections and says nothing, as behind a cut link."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def _end(self, number):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
