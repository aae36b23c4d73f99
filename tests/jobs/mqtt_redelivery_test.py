# SPDX-License-Identifier: Apache-2.0
"""A broker that sends again more than there are packet ids, with ids that came round meanwhile: every row is stored once, if
the run lives on over a new connection and if it was killed.

mosquitto 2.0.11 takes all that waits into flight with the first acknowledgements (its issue 2301). A link in between lets
those through and swallows the rest, until all rows have arrived; then it breaks, and the broker begins again."""
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker, free_port

PACKET_IDS = 65535
# Of what the client says: CONNECT, and a few acknowledgements of 4 bytes.
HEARD_BYTES = 300
QUIET_S = 1.5


class Link:
    """Connections to the broker, over a port of its own."""

    def __init__(self, broker):
        self.broker, self.port = broker, free_port()
        self.url = f"mqtt://localhost:{self.port}"
        self.is_deaf, self.sent_bytes, self.sent_s, self.sockets = False, 0, time.monotonic(), []
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            broker = socket.create_connection(("127.0.0.1", self.broker.port))
            self.sockets += [client, broker]
            threading.Thread(target=self.carry, args=(client, broker, self.is_deaf), daemon=True).start()
            threading.Thread(target=self.carry_back, args=(broker, client), daemon=True).start()

    def carry(self, client, broker, is_deaf):
        left = HEARD_BYTES
        while block := self.received(client):
            self.send(broker, block[:left] if is_deaf else block)
            left = max(0, left - len(block))
        self.close(client, broker)

    def carry_back(self, broker, client):
        while block := self.received(broker):
            self.send(client, block)
            self.sent_bytes, self.sent_s = self.sent_bytes + len(block), time.monotonic()
        self.close(client, broker)

    @staticmethod
    def received(one):
        try:
            return one.recv(1 << 20)
        except OSError:
            return b""

    @staticmethod
    def send(one, block):
        try:
            one.sendall(block)
        except OSError:
            pass

    @staticmethod
    def close(*sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.close(*self.sockets)
        self.sockets.clear()


def start(options, project):
    return runs.Started([*runs.mpirun_command(options.millrace, 2, project), "--once", "--idle-timeout", "4"])


def goes_on(options, project, started, link):
    link.cut()
    return started


def is_killed(options, project, started, link):
    for pid in runs.processes_of(project):
        os.kill(pid, signal.SIGKILL)
    started.finish()
    link.cut()
    return start(options, project)


def sent_again(options, folder, broker, story, event, version):
    link = Link(broker)
    name = event.__name__
    output = folder / f"output-{name}"
    project = live.live_project(folder / f"{name}.json", link.url, output, name, source__mqtt__journal_max_bytes=1e9,
                                source__mqtt__version=version, sink__hdf5__segment_seconds=60, buffering_factor=1000)
    live.drain(options.millrace, project, quiet_s=0.1)
    station = live.Station(options.millrace, options.rows, options.seed)
    station.publish(broker.url, name).finish()
    link.is_deaf, link.sent_bytes = True, 0
    started = start(options, project)
    runs.wait_until(lambda: link.sent_bytes > 400 * options.rows and time.monotonic() - link.sent_s > QUIET_S,
                    "all rows have arrived, and few were acknowledged", 120)
    link.is_deaf = False
    code, said = event(options, project, started, link).finish()
    runs.expect(code == 0, f"{story}: the run ends well", f"{code}\n{said}")
    runs.verify(options.millrace, output)
    again = json.loads((output / "report.json").read_text())["intake"]["redeliveries"]
    runs.expect(again > PACKET_IDS, f"{again} rows came again, more than there are packet ids", said)
    wrong = live.difference(output, station.expected())
    runs.expect(not wrong, f"{story}: {options.rows} rows are stored as published", wrong)
    link.listener.close()


def main():
    options = runs.parser(__doc__, rows=150000).parse_args()
    folder = runs.work_folder(options)
    with PrivateBroker() as broker:
        sent_again(options, folder, broker, "a broken connection", goes_on, "5")
        sent_again(options, folder, broker, "a killed run, MQTT 3.1.1", is_killed, "3.1.1")
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
