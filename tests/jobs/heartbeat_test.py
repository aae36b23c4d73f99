# SPDX-License-Identifier: Apache-2.0
"""Ranks that hang end the run within the time-out, with code 6, the rank's name, and no process left; a worker that
computes for longer than the time-out, and a whole job that was stopped and goes on, do not."""
import json
import os
import pathlib
import signal
import sys
import time

import millrace_runs as runs

TIMEOUT_S = 2
# mpirun gives stopped ranks a second or two before it kills them, and the last commit takes its time.
GRACE_S = 6
GONE_LIMIT_S = 10
MOST_ROUNDS = 128


def endless_project(folder, **changes):
    """Rows without end at a calm rate; a segment every second or so, to see that it runs."""
    settings = {"source": {"synthetic": {"rows": 10**9}}, "arrival_rate": 5000.0, "heartbeat_timeout_s": TIMEOUT_S,
                **changes}
    return runs.write_project(folder / "endless.json", "unused", folder / "endless", segment_rows=2000, **settings)


def rank_of(pid):
    for variable in pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
        if variable.startswith(b"OMPI_COMM_WORLD_RANK="):
            return int(variable.split(b"=")[1])
    return None


def segments(folder):
    return len(list((folder / "endless" / "segments").glob("*.h5")))


def started_run(options, folder, **changes):
    """A run on three ranks whose segments grow in number; and its processes by rank."""
    project = endless_project(folder, **changes)
    started = runs.Started(runs.mpirun_command(options.millrace, 3, project, "--overwrite"))
    runs.wait_until(lambda: len(runs.processes_of(project)) == 3, "three ranks run")
    by_rank = {rank_of(pid): pid for pid in runs.processes_of(project)}
    wait_until_it_commits(folder, 1)
    return project, started, by_rank


def wait_until_it_commits(folder, more):
    goal = segments(folder) + more
    runs.wait_until(lambda: segments(folder) >= goal, "the run commits segments")


def nothing_is_left(project):
    runs.wait_until(lambda: not runs.processes_of(project), "no process is left behind", GONE_LIMIT_S)


def rows_of(options, folder):
    runs.verify(options.millrace, folder / "endless")
    return json.loads((folder / "endless" / "report.json").read_text())["rows_in"]


def a_stopped_worker_ends_the_run(options, folder):
    project, started, by_rank = started_run(options, folder)
    os.kill(by_rank[2], signal.SIGSTOP)
    begin = time.monotonic()
    code, said = started.finish(60)
    took_s = time.monotonic() - begin
    runs.expect(code == 6, "a worker that hangs ends the run with code 6", f"{code}\n{said}")
    runs.expect(f"rank 2 on {os.uname().nodename} is lost" in said, "a line names rank and host", said)
    runs.expect(TIMEOUT_S / 2 < took_s < TIMEOUT_S + GRACE_S, f"it took {took_s:.1f} s at a time-out of {TIMEOUT_S} s", said)
    nothing_is_left(project)
    runs.expect(rows_of(options, folder) > 0, "what was committed stays")


def a_stopped_rank_0_is_left_by_its_workers(options, folder):
    project, started, by_rank = started_run(options, folder, heartbeat_timeout_s=1)
    os.kill(by_rank[0], signal.SIGSTOP)
    begin = time.monotonic()
    code, said = started.finish(60)
    took_s = time.monotonic() - begin
    runs.expect(code == 6 and "rank 0 on " in said, "workers end a run whose rank 0 hangs, with code 6", f"{code}\n{said}")
    runs.expect(took_s < 4 + GRACE_S, f"it took {took_s:.1f} s at a time-out of 1 s", said)
    nothing_is_left(project)
    runs.verify(options.millrace, folder / "endless")


def a_job_that_was_stopped_goes_on(options, folder):
    project, started, by_rank = started_run(options, folder)
    for pid in by_rank.values():
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3 * TIMEOUT_S)  # the event under test: time passes that nobody runs in
    for pid in by_rank.values():
        os.kill(pid, signal.SIGCONT)
    wait_until_it_commits(folder, 3)
    started.process.send_signal(signal.SIGUSR1)
    code, said = started.finish(60)
    runs.expect(code == 75, f"a job that was stopped for {3 * TIMEOUT_S} s goes on, and drains when it is asked",
                f"{code}\n{said}")
    nothing_is_left(project)


def facts_of_one_long_message(options, folder, rows, rounds):
    chain = ["quantile_transformer_normal", "quantile_transformer_uniform", "robust_scaler"] * rounds
    project = runs.write_project(folder / "slow.json", rows, folder / "slow", chain=chain, buffering_factor=options.rows,
                                 buffer_bytes=1 << 30, heartbeat_timeout_s=1)
    runs.must_run(runs.mpirun_command(options.millrace, 2, project, "--overwrite"))
    return json.loads((folder / "slow" / "report.json").read_text())


def a_worker_that_computes_for_long_is_not_lost(options, folder):
    rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows)
    rounds, busy_s = 16, 0.0
    while busy_s <= 2:  # how long a chain is long enough depends on the machine
        runs.expect(rounds <= MOST_ROUNDS, f"a chain of {rounds} rounds is within {MOST_ROUNDS}")
        facts = facts_of_one_long_message(options, folder, rows, rounds)
        busy_s = facts["ranks"][1]["busy_share"] * facts["wall_s"]
        rounds *= 2
    runs.expect(facts["messages"] == 1,
                f"a worker that computes {busy_s:.1f} s on one message is not lost at a time-out of 1 s")


def main():
    arguments = runs.parser(__doc__, rows=250_000)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    a_stopped_worker_ends_the_run(options, folder)
    a_stopped_rank_0_is_left_by_its_workers(options, folder)
    a_job_that_was_stopped_goes_on(options, folder)
    a_worker_that_computes_for_long_is_not_lost(options, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
