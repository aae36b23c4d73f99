# SPDX-License-Identifier: Apache-2.0
"""Whatever becomes of the broker, what it acknowledged to a publisher is stored once and in order: no broker at the start, an
orderly restart, kill -9, a link that is dead for a while, and a full journal through a restart.

Rows are published while the broker is well (a publisher that loses its connection sends again what was not acknowledged,
which would be its own doing), so that the broker's queue is full of them when it goes."""
import random
import shutil
import sys
import time

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker


class Load:
    """One topic: batches that were published, and a run that takes them."""

    def __init__(self, options, folder, broker, name, **changes):
        self.options, self.broker, self.name = options, broker, name
        self.output, self.published, self.seed = folder / f"output-{name}", [], 100
        self.project = live.live_project(folder / f"{name}.json", broker.url, self.output, name, **changes)
        self.run = None

    def introduce(self):
        live.drain(self.options.millrace, self.project, quiet_s=0.1)

    def start(self):
        command = runs.mpirun_command(self.options.millrace, 2, self.project)
        self.run = runs.Started([*command, "--once", "--idle-timeout", "6"])

    def publish(self, rows):
        self.seed += 1
        station = live.Station(self.options.millrace, rows, self.seed)
        code, said = station.publish(self.broker.url, self.name).finish()
        if code != 0:
            raise SystemExit(f"the publisher left with {code}:\n{said}")
        self.published += station.expected()

    def check(self, story):
        code, said = self.run.finish()
        if code != 0:
            raise SystemExit(f"{story}: exit code {code}\n{said}")
        runs.verify(self.options.millrace, self.output)
        wrong = live.difference(self.output, self.published)
        print(f"{story}: {wrong or 'stored as published'}", flush=True)
        if wrong:
            raise SystemExit(f"{self.project}\n{said}")
        return said


def restarts(load, chance, times):
    load.introduce()
    load.start()
    how = []
    for _ in range(times):
        load.publish(load.options.rows)
        time.sleep(chance.uniform(0, 0.3))
        ends = chance.choice(["stop", "kill"])
        if ends == "kill":  # it comes back as it was when it saved last, every other second with autosave_interval 1
            time.sleep(3)
        getattr(load.broker, ends)()
        how.append(ends)
        time.sleep(chance.uniform(0, 0.5))
        load.broker.start()
    load.check(f"{times} restarts ({', '.join(how)})")


def cut(load, seconds):
    load.introduce()
    load.start()
    load.publish(load.options.rows)
    load.broker.hang()
    time.sleep(seconds)
    load.broker.go_on()
    load.publish(load.options.rows)
    load.check(f"a link that is dead for {seconds} s")


def absent(load):
    load.introduce()
    load.publish(load.options.rows)
    load.broker.stop()
    load.start()
    time.sleep(2)
    load.broker.start()
    said = load.check("no broker at the start")
    if "connect" not in said:
        raise SystemExit(f"a run without a broker did not say what it waits for:\n{said}")


def full_journal(load, times):
    """A run whose journal is full several times before it has taken everything."""
    load.introduce()
    for _ in range(times):
        load.publish(load.options.rows)
    load.start()
    time.sleep(1.5)
    load.broker.stop()
    time.sleep(0.5)
    load.broker.start()
    said = load.check("a journal that was full, through a restart of the broker")
    if "three quarters of journal_max_bytes" not in said:
        raise SystemExit(f"the journal was never full:\n{said}")


def main():
    arguments = runs.parser(__doc__, rows=10000)
    arguments.add_argument("--restarts", type=int, default=3)
    arguments.add_argument("--cut-seconds", type=float, default=5)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    with PrivateBroker() as broker:
        restarts(Load(options, folder, broker, "restarts"), random.Random(options.seed), options.restarts)
        cut(Load(options, folder, broker, "cut", source__mqtt__keep_alive_s=2), options.cut_seconds)
        absent(Load(options, folder, broker, "absent"))
        full_journal(Load(options, folder, broker, "full", sink__hdf5__segment_seconds=60), 4)
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
