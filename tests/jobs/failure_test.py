# SPDX-License-Identifier: Apache-2.0
"""Whichever rank fails, the job ends within ten seconds with the right code, the reason names the rank, and no process
is left; a stopped run goes on; an idle run costs next to nothing."""
import json
import os
import resource
import signal
import sys
import time

import millrace_runs as runs

END_LIMIT_S = 10
# Address space that a rank gets by, and that an allocation for a large message breaks.
WORKER_KILOBYTES = 500_000


def nothing_is_left(project):
    until = time.monotonic() + END_LIMIT_S
    while runs.processes_of(project) and time.monotonic() < until:
        time.sleep(0.05)
    return not runs.processes_of(project)


def wait_for_ranks(project, count):
    until = time.monotonic() + 20
    while len(runs.processes_of(project)) < count and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)


def endless_project(folder, **changes):
    """Rows without end at a calm rate, so that a run lasts until something ends it."""
    changes = {"source": {"synthetic": {"rows": 10**9}}, "arrival_rate": 2000.0, **changes}
    return runs.write_project(folder / "endless.json", "unused", folder / "endless", **changes)


def a_worker_that_runs_out_of_memory_is_named(options, folder):
    rows = runs.write_rows(options.millrace, folder / "rows.jsonl", 400_000)
    project = runs.write_project(folder / "memory.json", rows, folder / "memory", buffering_factor=400_000,
                                 buffer_bytes=1 << 30)
    begin = f"ulimit -v {WORKER_KILOBYTES}; exec \"$0\" \"$@\""
    rank = [str(options.millrace), "run", str(project), "--quiet"]
    started = runs.Started(["mpirun", "-q", "-n", "1", *rank, ":", "-n", "1", "bash", "-c", begin, *rank])
    code, said = started.finish(60)
    runs.expect(code == 1 and "rank 1 on " in said, "a worker's failure reaches the log with rank and host, exit code 1",
                said)
    runs.expect(nothing_is_left(project), "no process is left behind it")


def a_killed_rank_ends_the_job(options, folder):
    for number in range(3):
        project = endless_project(folder)
        started = runs.Started(runs.mpirun_command(options.millrace, 3, project, "--overwrite"))
        wait_for_ranks(project, 3)
        begin = time.monotonic()
        os.kill(sorted(runs.processes_of(project))[number], signal.SIGKILL)
        code, said = started.finish(60)
        runs.expect(time.monotonic() - begin < END_LIMIT_S and code != 0 and nothing_is_left(project),
               f"the job ends within {END_LIMIT_S} s of the death of process {number}, with code {code}", said)


def a_lost_rank_has_its_own_code(options, folder):
    project = endless_project(folder)
    started = runs.Started([options.millrace, "run", project, "--quiet", "--overwrite", "--set", "worker_count=1"])
    wait_for_ranks(project, 3)
    os.kill(sorted(runs.processes_of(project))[-1], signal.SIGKILL)
    code, said = started.finish(60)
    runs.expect(code == 6 and nothing_is_left(project), "millrace run without mpirun gives a lost rank the code 6", said)


def sigterm_drains(options, folder):
    project = endless_project(folder)
    started = runs.Started([options.millrace, "run", project, "--overwrite", "--set", "worker_count=2"])
    wait_for_ranks(project, 4)
    time.sleep(1)
    started.process.send_signal(signal.SIGTERM)
    code, said = started.finish(60)
    runs.expect(code == 75 and "stopped early" in said, "SIGTERM to millrace run drains and exits with 75", said)
    runs.verify(options.millrace, folder / "endless")
    report = json.loads((folder / "endless" / "report.json").read_text())
    runs.expect(report["rows_in"] > 0, f"what had arrived by then is committed: {report['rows_in']} rows")


def an_idle_run_costs_little(options, folder):
    project = endless_project(folder, arrival_rate=1.0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = runs.Started(runs.mpirun_command(options.millrace, 2, project, "--overwrite"))
    begin = time.monotonic()
    time.sleep(options.idle_s)
    started.process.send_signal(signal.SIGUSR1)
    code, said = started.finish(60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    runs.expect(code == 75, "an idle run drains on SIGUSR1 to mpirun", said)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    share = (cpu_s - options.start_cpu_s) / (time.monotonic() - begin)
    runs.expect(share < 2 * 0.03, f"two idle ranks and mpirun use {100 * share:.1f} % of a core, start and end taken off")


def start_cost(options, folder):
    """CPU seconds of a run of no rows: mpirun, MPI_Init and the end."""
    project = runs.write_project(folder / "nothing.json", "unused", folder / "nothing", source={"synthetic": {"rows": 1}})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    runs.must_run(runs.mpirun_command(options.millrace, 2, project, "--overwrite"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ranks_that_do_not_fit_give_one_line(options, folder):
    project = runs.write_project(folder / "fit.json", "unused", folder / "fit", source={"synthetic": {"rows": 1000}},
                                 worker_count=4)
    said = runs.must_run(runs.mpirun_command(options.millrace, 2, project))
    runs.expect(said.count("worker_count is 4") == 1, "ranks that do not fit worker_count give one clear line", said)


def main():
    arguments = runs.parser(__doc__, rows=0)
    arguments.add_argument("--idle-s", type=float, default=8)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    options.start_cpu_s = start_cost(options, folder)
    an_idle_run_costs_little(options, folder)
    ranks_that_do_not_fit_give_one_line(options, folder)
    a_worker_that_runs_out_of_memory_is_named(options, folder)
    a_killed_rank_ends_the_job(options, folder)
    a_lost_rank_has_its_own_code(options, folder)
    sigterm_drains(options, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
