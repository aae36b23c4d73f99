# SPDX-License-Identifier: Apache-2.0
"""Rows published over MQTT are stored once each and in their order, whatever is killed with -9 meanwhile: rank 0, the
worker, mpirun, everything, at random moments; and rank 0 before and after each step that its promises hang on.

Each life of a run is killed; the last one is left alone and takes what the broker and the journal still hold."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker

DRAINED = 75
LAUNCHER_PATIENCE_S = 60
QOS_AND_VERSIONS = [(1, "5"), (2, "5"), (1, "3.1.1"), (2, "3.1.1")]
# Steps of millrace/base/step.hpp, with how often a run of this size may pass one before the last time.
STEPS = {"journal append": 4000, "journal written": 4000, "journal boundary": 15, "journal boundary written": 15,
         "journal segment": 2, "journal segment written": 2, "journal segment begun": 2, "journal trim": 2,
         "journal trimmed": 2, "journal flush": 200, "journal flush written": 200, "journal flushed": 200, "segment write": 5, "segment sync": 5, "segment rename": 5, "segment renamed": 5,
         "manifest append": 5, "manifest sync": 5, "manifest appended": 5, "view rename": 3}
# Of runs that commit every few rows, for so long that they pass the 256 entries between checkpoints.
RARE_STEPS = {"merge written": 3, "merged": 3, "merge remove": 3, "checkpoint": 1, "checkpoint renamed": 1}
HASTY = {"buffering_factor": 5, "sink__hdf5__segment_seconds": 0.001}


def parent_of(process):
    try:
        return int(pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return None


class LiveRun:
    def __init__(self, options, folder, broker, number, chance, times_rows=1, **changes):
        self.options, self.broker, self.chance = options, broker, chance
        self.patience_s = times_rows * options.patience
        self.qos, self.version = QOS_AND_VERSIONS[number // 2 % len(QOS_AND_VERSIONS)]
        self.topic = f"weather{number}"
        self.output = folder / f"output{number}"
        self.station = live.Station(options.millrace, times_rows * options.rows, number + 1)
        self.project = live.live_project(folder / f"project{number}.json", broker.url, self.output, self.topic,
                                         source__mqtt__qos=self.qos, source__mqtt__version=self.version, **changes)
        live.drain(options.millrace, self.project, quiet_s=0.1)  # from now on the broker keeps what comes
        self.publisher = self.station.publish(broker.url, self.topic, self.qos, self.version, options.rate)

    def start(self, **environment):
        return runs.Started(runs.mpirun_command(self.options.millrace, 2, self.project), **environment)

    def kill_at_random(self):
        started = self.start()
        time.sleep(self.chance.uniform(0.3, 2.0))
        # Not those of the life before, which are orphans for a moment when mpirun was killed.
        ranks = [rank for rank in runs.processes_of(self.project) if parent_of(rank) == started.process.pid]
        what = self.chance.choice(["mpirun", "a rank", "everything"]) if ranks else "mpirun before its ranks"
        victims = {"a rank": ranks and [self.chance.choice(ranks)],
                   "everything": [started.process.pid, *ranks]}.get(what, [started.process.pid])
        for victim in victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return what + self.end_of_launcher(started)

    def end_of_launcher(self, started):
        """Open MPI 4.1's mpirun now and then waits for ever for ranks that are dead: one was killed while it started."""
        try:
            started.process.wait(LAUNCHER_PATIENCE_S)
        except subprocess.TimeoutExpired:
            if any(parent_of(rank) == started.process.pid for rank in runs.processes_of(self.project)):
                raise SystemExit(f"{self.project}: a rank was killed, and others live on")
            started.process.kill()
            started.finish()
            return " (and mpirun, which waited for the dead)"
        started.finish()
        return ""

    def kill_at(self, step, times):
        """In words, and whether it was reached, be it while the run was drained because nothing more came."""
        started = self.start(MILLRACE_STOP_AT=f"{step}:{times}")
        deadline = time.monotonic() + self.patience_s
        while started.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGUSR1)
        reached = started.finish()[0] != DRAINED
        return f"{step}:{times}{'' if reached else ' (not reached)'}", reached

    def check(self, story):
        self.publisher.finish()
        live.drain(self.options.millrace, self.project)
        runs.verify(self.options.millrace, self.output)
        wrong = live.difference(self.output, self.station.expected())
        print(f"QoS {self.qos}, MQTT {self.version}: {wrong or 'stored as published'}; {story}", flush=True)
        if wrong:
            raise SystemExit(f"{self.project}: {wrong}")
        shutil.rmtree(self.output)
        shutil.rmtree(f"{self.output}.journal")


def random_kills(run, chance):
    run.check("killed " + ", ".join(run.kill_at_random() for _ in range(chance.randint(1, 3))))


def aimed_kills(run, most_times, reached, chance):
    """At two steps, those first that none was killed at."""
    steps = [step for step in most_times if step not in reached] or list(most_times)
    story = []
    for step in chance.sample(steps, min(2, len(steps))):
        said, was_reached = run.kill_at(step, chance.randint(1, most_times[step]))
        story.append(said)
        if was_reached:
            reached.add(step)
    run.check("killed at " + ", ".join(story))


def main():
    arguments = runs.parser(__doc__, rows=12000)
    arguments.add_argument("--runs", type=int, default=20, help="killed runs, a quarter of them at random moments")
    arguments.add_argument("--rate", type=int, default=6000, help="rows a second")
    arguments.add_argument("--patience", type=float, default=6, help="seconds that a step is waited for")
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    folder = runs.work_folder(options)
    reached = set()
    with PrivateBroker() as broker:
        for number in range(options.runs):
            if number % 2:
                aimed_kills(LiveRun(options, folder, broker, number, chance), STEPS, reached, chance)
            elif number % 4 == 2:
                aimed_kills(LiveRun(options, folder, broker, number, chance, 4, **HASTY), RARE_STEPS, reached, chance)
            else:
                random_kills(LiveRun(options, folder, broker, number, chance), chance)
    if not options.folder:
        shutil.rmtree(folder)
    missed = [step for step in {**STEPS, **RARE_STEPS} if step not in reached]
    print(f"{options.runs} killed runs; steps that none was killed at: {', '.join(missed) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
