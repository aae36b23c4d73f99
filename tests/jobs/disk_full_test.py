# SPDX-License-Identifier: Apache-2.0
"""A full disk, at each place a commit writes to: exit code 5 that names the file, what was committed stays readable, and a
run after making room ends with the right digest.

The disk is a small tmpfs in a mount namespace of the test's own; where that is not permitted the test is skipped (77)."""
import os
import re
import shutil
import subprocess
import sys

import millrace_runs as runs

ROOM = "256m"


def in_a_namespace(options):
    """Runs this program again with mounts of its own; its exit code."""
    unshare = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-U", "-r", "-m"]
    if subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        print("skipped: no mount namespace is to be had here")
        return runs.SKIPPED
    folder = runs.work_folder(options)
    inside = ["--inside", "--folder", folder, "--rows", str(options.rows), options.millrace]
    code = subprocess.run(unshare + [sys.executable, __file__, *inside]).returncode
    if not options.folder:
        shutil.rmtree(folder)
    return code


def mount(place, size):
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "millrace-test", place], check=True)


def resize(place, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)


class Disk:
    """One place that can be full: which folder is the small disk, which is a large one inside it."""

    def __init__(self, name, small, large, named, size):
        self.name, self.small, self.large, self.named, self.size = name, small, large, named, size


DISKS = [
    Disk("segment", "out/weather/segments", None, "segments/", "6m"),
    Disk("manifest", "out/weather", "out/weather/segments", "manifest", "4m"),
    Disk("quarantine", "out", "out/weather", "rejects", "1m"),
]


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


def committed_rows(options, output):
    text = runs.must_run([options.millrace, "inspect", output])
    return int(re.search(r"^rows (\d+)", text, re.MULTILINE).group(1))


def fails_for_lack_of_room(command, disk):
    code, said = runs.run(command)
    if code != 5 or not re.search(rf"{disk.named}.*No space left", said):
        raise SystemExit(f"{disk.name}: exit code {code}, not 5 with a message that names {disk.named}:\n{said}")
    return next(line for line in said.splitlines() if "No space left" in line)


def check(options, disk, folder, rows, expected):
    place = folder / disk.name
    mount(place / disk.small, disk.size)
    if disk.large:
        mount(place / disk.large, ROOM)
    output = place / "out/weather"
    project = runs.write_project(folder / f"{disk.name}.json", rows, output)
    command = runs.mpirun_command(options.millrace, 3, project)
    message = fails_for_lack_of_room(command, disk)
    runs.verify(options.millrace, output)
    kept = committed_rows(options, output)
    runs.must_run([options.millrace, "inspect", output, "--rows", "1"])
    resize(place / disk.small, ROOM)
    runs.must_run(command)
    runs.verify(options.millrace, output)
    found = runs.digest(options.millrace, output)
    print(f"{disk.name}: {message.strip()}\n  {kept} rows stayed; in the end {found}", flush=True)
    return found == expected and kept > 0


def main():
    arguments = runs.parser(__doc__, rows=60000)
    arguments.add_argument("--inside", action="store_true", help="we are in a mount namespace already")
    options = arguments.parse_args()
    if not options.inside:
        return in_a_namespace(options)
    folder = options.folder
    rows = write_inputs(options, folder)
    output = folder / "plain"
    runs.must_run(runs.mpirun_command(options.millrace, 3, runs.write_project(folder / "plain.json", rows, output)))
    expected = runs.digest(options.millrace, output)
    print(f"with room: {expected}", flush=True)
    good = [check(options, disk, folder, rows, expected) for disk in DISKS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
