# SPDX-License-Identifier: Apache-2.0
"""`millrace run --restart on-failure`: whatever is killed, the run ends with 0 and the digest of a run that never was; what
always fails is given up with its own code; what would be refused again, or was asked to stop, is not started again."""
import json
import os
import re
import signal
import subprocess
import sys
import time

import millrace_runs as runs

GONE_LIMIT_S = 12


def supervised(options, project, *more):
    return runs.Started([options.millrace, "run", project, "--quiet", "--restart", "on-failure", *more])


def mpirun_of(started):
    """The process that the supervisor started, if it is there."""
    found = subprocess.run(["pgrep", "-P", str(started.process.pid)], capture_output=True, text=True).stdout.split()
    return int(found[0]) if found else None


def ranks_of(project, started):
    """Ids of the ranks, rank 0 first; the supervisor and mpirun left out."""
    others = (started.process.pid, mpirun_of(started))
    return sorted(pid for pid in runs.processes_of(project) if pid not in others)


def paced_project(options, folder, name, **changes):
    """Two seconds of rows at a calm rate, so that there is time to kill something; small segments, so that something is
    committed by then."""
    rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows)
    changes = {"arrival_rate": options.rows / 2, "worker_count": 2, **changes}
    return runs.write_project(folder / f"{name}.json", rows, folder / name, segment_rows=2000, **changes)


def wait_for_a_commit(folder, name):
    runs.wait_until(lambda: list((folder / name / "segments").glob("*.h5")), "a segment is committed")


def victim_of(what, project, started):
    ranks = ranks_of(project, started)
    return {"mpirun": mpirun_of(started), "rank 0": ranks[0], "a worker": ranks[-1]}[what]


def a_killed_run_ends_as_if_nothing_had_been(options, folder, expected):
    for what in ("a worker", "rank 0", "mpirun"):
        name = "killed_" + what.replace(" ", "_")
        project = paced_project(options, folder, name)
        started = supervised(options, project)
        wait_for_a_commit(folder, name)
        os.kill(victim_of(what, project, started), signal.SIGKILL)
        code, said = started.finish(90)
        runs.expect(code == 0 and len(re.findall("restart 1 of 5 in", said)) == 1,
               f"a run whose {what} was killed is started again, and ends with 0", f"{code}\n{said}")
        runs.verify(options.millrace, folder / name)
        runs.expect(runs.digest(options.millrace, folder / name) == expected, "with the digest of a run that nobody killed")


def a_killed_run_in_one_process_too(options, folder, expected):
    project = paced_project(options, folder, "single", method="single", worker_count=1)
    started = supervised(options, project, "--overwrite")
    wait_for_a_commit(folder, "single")
    os.kill(mpirun_of(started), signal.SIGKILL)
    code, said = started.finish(90)
    report = json.loads((folder / "single/report.json").read_text())
    found = runs.digest(options.millrace, folder / "single")
    runs.expect(code == 0 and "was killed by signal 9" in said and found == expected,
                "a killed run in one process is started again, and ends the same", f"{code}\n{said}")
    runs.expect(report["rows_in_run"] < report["rows_in"], "--overwrite starts anew once, and not at the restart", said)


def what_always_fails_is_given_up(options, folder):
    """A limit on the size of files, which every start meets again."""
    project = paced_project(options, folder, "limited", arrival_rate=0, method="single", worker_count=1)
    begin_limited = ["bash", "-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""]
    began = time.monotonic()
    code, said = runs.run([*begin_limited, options.millrace, "run", project, "--quiet", "--restart", "on-failure",
                           "--most-restarts", "2"], 90)
    runs.expect(code == 1 and said.count(" of 2 in ") == 2 and "is given up" in said,
                "a run that always fails is given up after 2 restarts, with its own code 1", f"{code}\n{said}")
    runs.expect(time.monotonic() - began > 0.75 + 1.5, "with a growing wait before each")


def what_would_be_refused_again_is_not_restarted(options, folder):
    broken = folder / "broken.json"
    broken.write_text("{}")
    refused = paced_project(options, folder, "refused", max_rejects=0, arrival_rate=0)
    bad = folder / "bad.jsonl"
    bad.write_text((folder / "rows.jsonl").read_text().split("\n", 1)[0] + '\n{"dateTime": ' * 3)
    settings = json.loads(refused.read_text())
    settings["source"]["jsonl"]["path"] = str(bad)
    refused.write_text(json.dumps(settings))
    piped = paced_project(options, folder, "piped", source={"jsonl": {"path": "-"}})
    for project, expected in ((broken, 3), (refused, 8), (piped, 2)):
        code, said = supervised(options, project).finish(60)
        runs.expect(code == expected and "restart 1" not in said, f"code {expected} is not restarted", f"{code}\n{said}")


def a_stop_is_not_a_failure(options, folder):
    project = paced_project(options, folder, "stopped", source={"synthetic": {"rows": 10**9}}, arrival_rate=5000.0)
    started = supervised(options, project)
    wait_for_a_commit(folder, "stopped")
    started.process.send_signal(signal.SIGTERM)
    code, said = started.finish(60)
    runs.expect(code == 75 and "restart 1" not in said, "SIGTERM to the supervisor drains; it leaves with 75",
                f"{code}\n{said}")
    started = supervised(options, project)
    runs.wait_until(lambda: len(ranks_of(project, started)) == 3, "three ranks run")
    os.kill(mpirun_of(started), signal.SIGKILL)
    runs.wait_until(lambda: "restart 1 of 5" in started.said_so_far(), "the supervisor waits for its restart")
    started.process.send_signal(signal.SIGTERM)
    code, said = started.finish(10)
    runs.expect(code == 75, "SIGTERM while it waits ends it with 75", f"{code}\n{said}")
    nothing_is_left(project)


def nothing_is_left(project):
    runs.wait_until(lambda: not runs.processes_of(project), "no process is left behind", GONE_LIMIT_S)


def a_killed_supervisor_leaves_nothing_behind(options, folder):
    for method in ("multiprocessing", "single"):
        name = f"orphan_{method}"
        project = paced_project(options, folder, name, source={"synthetic": {"rows": 10**9}}, arrival_rate=5000.0,
                                method=method, worker_count=1)
        started = supervised(options, project)
        wait_for_a_commit(folder, name)
        started.process.send_signal(signal.SIGKILL)
        started.finish(10)
        nothing_is_left(project)
        report = json.loads((folder / name / "report.json").read_text())
        runs.expect(report["outcome"].startswith("stopped early"), f"a killed supervisor's run drains ({method})")
        runs.verify(options.millrace, folder / name)


def under_mpirun_it_says_so(options, folder):
    project = paced_project(options, folder, "by_mpirun", arrival_rate=0)
    said = runs.must_run(runs.mpirun_command(options.millrace, 3, project, "--restart", "on-failure"))
    runs.expect(said.count("--restart has no effect under mpirun") == 1, "ranks say once that --restart is not theirs", said)


def main():
    options = runs.parser(__doc__, rows=20_000).parse_args()
    folder = runs.work_folder(options)
    whole = paced_project(options, folder, "whole")
    runs.must_run([options.millrace, "run", whole, "--quiet"])
    expected = runs.digest(options.millrace, folder / "whole")
    a_killed_run_ends_as_if_nothing_had_been(options, folder, expected)
    a_killed_run_in_one_process_too(options, folder, expected)
    what_always_fails_is_given_up(options, folder)
    what_would_be_refused_again_is_not_restarted(options, folder)
    a_stop_is_not_a_failure(options, folder)
    a_killed_supervisor_leaves_nothing_behind(options, folder)
    under_mpirun_it_says_so(options, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
