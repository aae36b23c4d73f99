# SPDX-License-Identifier: Apache-2.0
"""A full disk, at each place a commit writes to: exit code 5 that names the file, what was committed stays readable, and a
run after making room ends with the right digest; --restart is bounded, and sees the room.

The disk is a small tmpfs in a mount namespace of the test's own; where that is not permitted the test is skipped (77)."""
import os
import re
import shutil
import subprocess
import sys

import millrace_runs as runs

ROOM = "256m"


def in_a_namespace(options, program):
    """Runs the program again with mounts of its own; its exit code."""
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-U", "-r", "-m"]
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        print("skipped: no mount namespace is to be had here")
        return runs.SKIPPED
    folder = runs.work_folder(options)
    inside = ["--inside", "--folder", folder, "--rows", str(options.rows), options.millrace]
    code = subprocess.run(unshare + [sys.executable, program, *inside]).returncode
    if not options.folder:
        shutil.rmtree(folder)
    return code


def mount(place, size):
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "millrace-test", place], check=True)


def resize(place, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)


def fill(place):
    """Takes all room that is left."""
    with open(place / "filler", "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def write_inputs(options, folder):
    """Good rows with a bad one after every third, so that the quarantine file grows as well."""
    good = runs.write_rows(options.millrace, folder / "good.jsonl", options.rows)
    rows = folder / "rows.jsonl"
    with open(good, "rb") as source, open(rows, "wb") as target:
        for number, row in enumerate(source):
            target.write(row)
            if number % 3 == 0:
                target.write(b'{"dateTime": "never", "outTemp": "' + b"warm " * 40 + b'"}\n')
    return rows


class Trial:
    """One output, in a folder of its own, that meets one full disk after the other."""

    def __init__(self, options, name, rows):
        self.millrace, self.name = options.millrace, name
        self.place = options.folder / name
        self.output = self.place / "out/weather"
        self.output.mkdir(parents=True)
        self.project = runs.write_project(options.folder / f"{name}.json", rows, self.output, segment_rows=1000)
        self.command = runs.mpirun_command(self.millrace, 3, self.project)

    def fails_for_lack_of_room(self, named):
        """Exit code 5, the file named, and every row that was committed readable."""
        code, said = runs.run(self.command)
        if code != 5 or not re.search(rf"{named}\S*: No space left", said):
            raise SystemExit(f"{self.name}: exit code {code}, not 5 with a message that names {named}:\n{said}")
        if named != "results.h5":  # which is then behind the manifest, and verify says so
            runs.verify(self.millrace, self.output)
        text = runs.must_run([self.millrace, "inspect", self.output, "--stats"])
        kept = int(re.search(r"^rows (\d+)", text, re.MULTILINE).group(1))
        print(f"{self.name}: no room for {named}; exit code 5, {kept} rows stay readable", flush=True)
        if kept == 0:
            raise SystemExit("the disk was full before the first commit, so nothing was shown")

    def ends_with(self, expected):
        runs.must_run(self.command)
        runs.verify(self.millrace, self.output)
        found = runs.digest(self.millrace, self.output)
        print(f"{self.name}: with room again {found}", flush=True)
        if found != expected:
            raise SystemExit(f"{self.name}: the digest is not {expected}")


def segment_then_manifest(options, rows, expected):
    trial = Trial(options, "segment", rows)
    segments, disk = trial.output / "segments", trial.place / "disk"
    mount(segments, "5m")
    trial.fails_for_lack_of_room("segments/")
    resize(segments, ROOM)
    mount(disk, "64k")
    shutil.copy(trial.output / "manifest", disk)
    fill(disk)
    subprocess.run(["mount", "--bind", disk / "manifest", trial.output / "manifest"], check=True)
    trial.fails_for_lack_of_room("manifest")
    resize(disk, ROOM)
    trial.ends_with(expected)


def view(options, rows, expected):
    trial = Trial(options, "view", rows)
    mount(trial.output, "96k")
    mount(trial.output / "segments", ROOM)
    trial.fails_for_lack_of_room("results.h5")
    resize(trial.output, ROOM)
    trial.ends_with(expected)


def quarantine(options, rows, expected):
    trial = Trial(options, "quarantine", rows)
    mount(trial.place / "out", "4m")
    mount(trial.output, ROOM)
    trial.fails_for_lack_of_room("rejects")
    resize(trial.place / "out", ROOM)
    trial.ends_with(expected)


def supervised(options, rows, expected):
    """A run under --restart that finds no room again is given up with 5; with room that is made while it waits, it ends."""
    trial = Trial(options, "supervised", rows)
    segments = trial.output / "segments"
    mount(segments, "5m")
    command = [trial.millrace, "run", trial.project, "--quiet", "--restart", "on-failure", "--most-restarts", "1"]
    code, said = runs.run(command)
    if code != 5 or said.count("restart 1 of 1") != 1 or "is given up" not in said:
        raise SystemExit(f"a full disk under --restart: exit code {code}, not 5 after one restart:\n{said}")
    started = runs.Started(command)
    runs.wait_until(lambda: "restart 1 of 1" in started.said_so_far(), "the supervisor waits for its restart")
    resize(segments, ROOM)
    code, said = started.finish()
    if code != 0:
        raise SystemExit(f"with room again a restart ends with {code}:\n{said}")
    print("supervised: given up with 5 while there is no room, and done once there is", flush=True)
    trial.ends_with(expected)


def main():
    arguments = runs.parser(__doc__, rows=120000)
    arguments.add_argument("--inside", action="store_true", help="we are in a mount namespace already")
    options = arguments.parse_args()
    if not options.inside:
        return in_a_namespace(options, __file__)
    folder = options.folder
    rows = write_inputs(options, folder)
    output = folder / "plain"
    runs.must_run(runs.mpirun_command(options.millrace, 3, runs.write_project(folder / "plain.json", rows, output)))
    expected = runs.digest(options.millrace, output)
    print(f"with room: {expected}", flush=True)
    for trial in (segment_then_manifest, view, quarantine, supervised):
        trial(options, rows, expected)
    return 0


if __name__ == "__main__":
    sys.exit(main())
