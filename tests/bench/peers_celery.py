# SPDX-License-Identifier: Apache-2.0
"""Celery with Redis, both private and gone at the end: a Redis on a free port of the loopback that saves nothing, and a
worker with two processes. Messages are packed as for the pool (peers_pool.py), each is sent when it is packed, then all
answers are awaited.

How it was set up, as a skilled user would for short tasks: no result backend and no polling (peers_celery_tasks.py), 64
messages prefetched for each process, acknowledged early, no events, gossip, mingle or heartbeats, only warnings
logged."""
import importlib
import importlib.util
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import millrace_runs as runs
import peers_pool
from private_broker import free_port

INSTALL = "apt-get install --no-install-recommends python3-celery python3-redis redis-server"
PATIENCE_S = 300
REDIS = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
WORKER = [sys.executable, "-m", "celery", "-A", "peers_celery_tasks", "worker", "--concurrency", "2", "--loglevel",
          "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
HERE = pathlib.Path(__file__).resolve().parent


def installed():
    return all(map(importlib.util.find_spec, ["celery", "redis"])) and shutil.which("redis-server") is not None


def stop(process):
    """With all of its process group, which is of its own."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class PrivateCelery:
    """Started by `with`; `folder` takes the logs."""

    def __init__(self, folder):
        self.folder, self.port, self.processes = folder, free_port(), []
        os.environ["MILLRACE_PEERS_REDIS"] = f"redis://127.0.0.1:{self.port}/0"
        self.tasks = importlib.import_module("peers_celery_tasks")

    def start(self, name, command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.processes.append(subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log, start_new_session=True))

    def listens(self):
        try:
            return self.tasks.answers.ping()
        except self.tasks.redis.ConnectionError:
            return False

    def __enter__(self):
        try:
            self.start("redis", [*REDIS, "--port", str(self.port), "--dir", str(self.folder)])
            runs.wait_until(self.listens, "Redis answers")
            self.start("worker", WORKER)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.processes:
            stop(self.processes.pop())

    def answer(self):
        """The next one; the first comes late, since a queue gets to a message's second subtask after all first ones."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and all(process.poll() is None for process in self.processes):
            found = self.tasks.answers.blpop(self.tasks.ANSWERS, 5)
            if found is not None:
                return found[1]
        raise SystemExit("no answer from Celery\n" + (self.folder / "worker.log").read_text())

    def preprocessed(self, send, packed):
        """The rows that are left of one message."""
        send(packed.decode(), whole=True)
        return peers_pool.unpack(self.answer())

    def rate(self, send, lines, factor):
        """Rows/s, packing included."""
        begin = time.monotonic()
        messages = 0
        for packed in peers_pool.messages_of(lines, factor):
            send(packed.decode())
            messages += 1
        rows = sum(int(self.answer()) for _ in range(messages))
        seconds = time.monotonic() - begin
        if not 0 < rows <= len(lines):
            raise SystemExit(f"Celery gave back {rows} of {len(lines)} rows")
        return len(lines) / seconds
