# SPDX-License-Identifier: Apache-2.0
"""Three times as many rows as the chain can do: memory and journal stay within their bounds, the session lives, the lag is
shown in progress and report, and in the end every row is stored, in order.

The chain is made slow by many tasks. What it can do is measured first; then rows are published at --times as much for
--seconds, and the run goes on until it has taken all of them."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

import h5py
import numpy as np

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker

SLOW_TASKS = 1200
PROBE_ROWS = 4000
ROW_BYTES = 650
KEEP_ALIVE_S = 5
USUAL = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0)
BEHIND = min(19, USUAL[0] + 10), os.SCHED_IDLE


def project_of(options, folder, broker, name):
    return live.live_project(folder / f"{name}.json", broker.url, folder / name, name, buffering_factor=200,
                             source__mqtt__keep_alive_s=KEEP_ALIVE_S, sink__hdf5__segment_seconds=1,
                             chain=["fillna_zeros"] + ["quantile_transformer_uniform"] * options.tasks)


def rows_per_s(options, folder, broker):
    """What a run of this chain does when it has nothing to wait for."""
    project = project_of(options, folder, broker, "probe")
    live.drain(options.millrace, project, quiet_s=0.1)
    live.Station(options.millrace, PROBE_ROWS, 1).publish(broker.url, "probe").finish()
    live.drain(options.millrace, project)
    report = json.loads((folder / "probe" / "report.json").read_text())
    busy = next(rank["busy_share"] for rank in report["ranks"] if rank["rank"] == 1) * report["wall_s"]
    return PROBE_ROWS / busy


def size_of(file):
    try:
        return file.stat().st_size
    except FileNotFoundError:  # trimmed meanwhile
        return 0


def priorities(pid):
    """Of the threads: {(name, thread): (nice value, policy)}."""
    values = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        name, fields = pathlib.Path(f"/proc/{pid}/task/{thread}/stat").read_text().rsplit(")", 1)
        values[name.split("(", 1)[1], thread] = int(fields.split()[16]), int(fields.split()[38])
    return values


class Watch:
    """The most that a run has used."""

    def __init__(self, project, journal):
        self.project, self.journal = project, journal
        self.journal_bytes, self.memory_bytes, self.priorities, self.behind = 0, {}, {}, {}

    def look(self):
        self.journal_bytes = max(self.journal_bytes, sum(map(size_of, self.journal.iterdir())))
        for pid in runs.processes_of(self.project):
            try:
                pages = int(open(f"/proc/{pid}/statm").read().split()[1])
                found = priorities(pid)
            except OSError:  # it, or a thread of it, has ended meanwhile
                continue
            self.memory_bytes[pid] = max(self.memory_bytes.get(pid, 0), 4096 * pages)
            self.priorities.setdefault(pid, {}).update(found)
            self.behind.setdefault(pid, []).append({int(thread) for (_, thread), one in found.items() if one == BEHIND})


def stored_instants(output):
    with h5py.File(output / "results.h5") as result:
        return result["dateTime"][:]


def published_instants(station):
    text = subprocess.run(station.command, stdout=subprocess.PIPE, check=True).stdout
    times = re.findall(rb'"dateTime":"([^"]*)Z"', text)
    return np.array(times, dtype="S19").astype("U19").astype("datetime64[s]").astype("int64")


def main():
    arguments = runs.parser(__doc__, rows=0)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--times", type=float, default=3)
    arguments.add_argument("--tasks", type=int, default=SLOW_TASKS)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    with PrivateBroker() as broker:
        capacity = rows_per_s(options, folder, broker)
        rate = int(options.times * capacity)
        print(f"the chain can do {capacity:.0f} rows/s; {rate} rows/s are published for {options.seconds:.0f} s or longer",
              flush=True)
        project = project_of(options, folder, broker, "load")
        live.drain(options.millrace, project, quiet_s=0.1)
        # However short: more than one and a half times what the journal holds, on top of what is done meanwhile.
        rows = max(rate * options.seconds, 1.5 * live.JOURNAL_BYTES / ROW_BYTES * options.times / (options.times - 1))
        station = live.Station(options.millrace, int(rows), 2)
        command = [word for word in runs.mpirun_command(options.millrace, 2, project) if word != "--quiet"]
        started = runs.Started([*command, "--once", "--idle-timeout", "3"])
        publisher = station.publish(broker.url, "load", 1, "5", rate)
        watch = Watch(project, folder / "load.journal")
        while started.process.poll() is None:
            watch.look()
            time.sleep(0.1)
        code, said = started.finish()
        runs.expect(code == 0, "an overloaded run goes on to its end", f"{code}\n{said}")
        runs.expect(publisher.finish()[0] == 0, "the publisher was served")
        runs.expect(watch.journal_bytes <= live.JOURNAL_BYTES,
                    f"the journal's {watch.journal_bytes} bytes are within {live.JOURNAL_BYTES}")
        bound = 1e6 * max(map(float, re.findall(r"(?:rank 0|each worker) (\d+) MB", said)))
        most = max(watch.memory_bytes.values())
        runs.expect(most <= bound, f"memory of a process, {most / 1e6:.0f} MB, is within the bound of {bound / 1e6:.0f} MB")
        ranks = {pid: threads for pid, threads in watch.priorities.items() if threads}
        receiving = {found for threads in ranks.values() for (name, _), found in threads.items() if name == "MQTTAsync_rcv"}
        runs.expect(receiving == {USUAL}, "the receiving thread has the priority that the run was given", watch.priorities)
        # The loop that sends and receives, and beside it, for most of the run, the writer or the computing thread.
        runs.expect(len(ranks) == 2 and all(np.mean([pid in threads and len(threads) > 1 for threads in watch.behind[pid]]) > 0.5
                                            for pid in ranks),
                    "on both ranks the work behind intake gives way to it", watch.priorities)
        runs.expect("new session" not in said, "the session lives", said)
        runs.expect("three quarters of journal_max_bytes" in said, "the journal was full, and the run waited", said)
        runs.expect(re.search(r"\d payloads behind", said), "progress shows the lag", said)
        runs.expect("wait in the journal" in said, "the report shows what waits", said)
        stored, published = stored_instants(folder / "load"), published_instants(station)
        lost, twice = len(np.setdiff1d(published, stored)), len(stored) - len(np.unique(stored))
        runs.expect(np.array_equal(stored, published), f"all {station.rows} rows are stored, in order",
                    f"{len(stored)} are: {lost} lost, {twice} twice, {np.count_nonzero(np.diff(stored) <= 0)} steps back\n" +
                    "\n".join(line for line in said.splitlines() if "mqtt" in line or "journal" in line))
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
