# SPDX-License-Identifier: Apache-2.0
"""Runs that are killed with -9, at random moments and at each step of a commit, and run again, end with the result of a
run that never was.

Each run starts on a new output. Up to --kills times, a rank or mpirun itself is killed at a random moment, and the run is
started again at once, on 2 to 4 ranks, while orphans of the one before may still live. The last start is left alone. A
run that no kill reached is not counted."""
import os
import random
import shutil
import signal
import sys
import time

import millrace_runs as runs

# Of millrace/base/step.hpp, with how often a run passes one at least.
STEPS = {"segment write": 3, "segment sync": 3, "segment rename": 3, "segment renamed": 3, "rejects write": 3,
         "rejects sync": 3, "manifest append": 3, "manifest sync": 3, "manifest appended": 3, "replace rename": 1,
         "view rename": 2}

def kill_one(started, project, chance):
    """Kills a random rank or mpirun; what it hit, or None if everything had ended."""
    ranks = runs.processes_of(project)
    name, victim = chance.choice([("mpirun", started.process.pid)] + [("a rank", pid) for pid in ranks])
    if started.process.poll() is not None:
        return None
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        return None
    return name


def killed_attempt(options, project, chance, duration_s):
    """A start that is killed at a random moment: in words, or None if it was done before."""
    ranks, moment_s = chance.choice([2, 3, 4]), chance.uniform(0.05, duration_s)
    started = runs.Started(runs.mpirun_command(options.millrace, ranks, project))
    time.sleep(moment_s)
    name = kill_one(started, project, chance)
    code, said = started.finish()
    if code != 0 and not name:
        raise SystemExit(f"a run on {ranks} ranks that nobody killed left with {code}:\n{said}")
    return f"{name} of {ranks} ranks at {moment_s:.2f} s" if code != 0 else None


def killed_run(options, project, output, chance, duration_s):
    """Kills and starts again until it is finished; the story in words, empty if no kill came in time."""
    shutil.rmtree(output, ignore_errors=True)
    story = [killed_attempt(options, project, chance, duration_s) for _ in range(chance.randint(1, options.kills))]
    ranks = chance.choice([2, 3, 4])
    runs.must_run(runs.mpirun_command(options.millrace, ranks, project))
    story = [kill for kill in story if kill]
    return story and f"{', '.join(story)}; ended on {ranks} ranks"


def aimed_run(options, project, output, aim):
    """A run that kills itself at a step of its commits, and one that goes on behind it."""
    shutil.rmtree(output, ignore_errors=True)
    code, said = runs.Started(runs.mpirun_command(options.millrace, 2, project), MILLRACE_STOP_AT=aim).finish()
    if code == 0:
        raise SystemExit(f"a run never came to the step {aim}:\n{said}")
    runs.must_run(runs.mpirun_command(options.millrace, 2, project))
    return f"killed itself at {aim}"


def none_left(project, patience_s=10):
    until = time.monotonic() + patience_s
    while runs.processes_of(project):
        if time.monotonic() > until:
            raise SystemExit(f"processes left behind: {runs.processes_of(project)}")
        time.sleep(0.1)


def check(options, project, output, expected):
    none_left(project)
    runs.verify(options.millrace, output)
    found = runs.digest(options.millrace, output)
    if found != expected:
        raise SystemExit(f"another digest: {found}")


def main():
    arguments = runs.parser(__doc__, rows=200000)
    arguments.add_argument("--runs", type=int, default=4)
    arguments.add_argument("--kills", type=int, default=3, help="at most so many in one run")
    options = arguments.parse_args()
    chance = random.Random(options.seed)
    folder = runs.work_folder(options)
    output = folder / "output"
    rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows)
    project = runs.write_project(folder / "project.json", rows, output)
    began = time.monotonic()
    runs.must_run(runs.mpirun_command(options.millrace, 3, project))
    duration_s = time.monotonic() - began
    expected = runs.digest(options.millrace, output)
    print(f"never killed: {expected} in {duration_s:.2f} s", flush=True)
    for number in range(1, options.runs + 1):
        story = ""
        while not story:
            story = killed_run(options, project, output, chance, duration_s)
        check(options, project, output, expected)
        print(f"run {number}: same; {story}", flush=True)
    for step, times in STEPS.items():
        story = aimed_run(options, project, output, f"{step}:{chance.randint(1, times)}")
        check(options, project, output, expected)
        print(f"same; {story}", flush=True)
    if not options.folder:
        shutil.rmtree(folder)
    print(f"{options.runs} runs killed at random, {len(STEPS)} at a step, one digest")
    return 0


if __name__ == "__main__":
    sys.exit(main())
