# SPDX-License-Identifier: Apache-2.0
"""Runs every listing of README.md, in order, in a folder that looks like the repository's top.

    readme_test.py ROOT BUILD_FOLDER

bash and python listings must leave with 0. A json listing is a project file: it is written to the file that the line
before it names in backquotes, and must pass `validate`. A listing in another language, or in none, is not known here and
fails the test. jobs/test.sh is not called, since it calls this; all else is."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

LISTING = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TIME_LIMIT_S = 240
NOT_CALLED = "jobs/test.sh"


def make_workspace(folder, root, build):
    for entry in root.iterdir():
        if entry.name not in ("build", "results", ".git"):
            (folder / entry.name).symlink_to(entry)
    (folder / "build").symlink_to(build)
    (folder / "results/input").mkdir(parents=True)


def run(command, folder):
    return subprocess.run(command, cwd=folder, timeout=TIME_LIMIT_S, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def run_bash(text, _, folder):
    script = f'. jobs/mpi.sh\nset -euo pipefail\n{text.replace(NOT_CALLED, f"test -x {NOT_CALLED}")}'
    return run(["bash", "-c", script], folder)


def run_python(text, _, folder):
    return run([sys.executable, "-c", text], folder)


def validate_json(text, before, folder):
    named = re.findall(r"`(\S+\.json)`", before.rstrip().rsplit("\n", 1)[-1])
    if not named:
        raise SystemExit(f"the line before this project file does not name it:\n{text}")
    (folder / named[-1]).write_text(text)
    return run(["build/millrace", "validate", named[-1]], folder)


RUNNERS = {"bash": run_bash, "python": run_python, "json": validate_json}


def run_listings(readme, folder):
    """How many listings ran; ends the test at the first that fails."""
    listings = list(LISTING.finditer(readme))
    for listing in listings:
        language, text = listing.groups()
        line = readme.count("\n", 0, listing.start()) + 1
        if language not in RUNNERS:
            raise SystemExit(f"README.md:{line}: a listing in '{language}' is run by nothing")
        done = RUNNERS[language](text, readme[:listing.start()], folder)
        if done.returncode != 0:
            raise SystemExit(f"README.md:{line}: exit code {done.returncode}\n{text}\n{done.stdout}")
        print(f"README.md:{line}: {language}, good", flush=True)
    return len(listings)


def main():
    root, build = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    readme = (root / "README.md").read_text()
    if readme.count("```") % 2 or len(re.findall(r"^```\w*$", readme, re.MULTILINE)) != readme.count("```"):
        raise SystemExit("README.md: a fence stands within a line, or is not closed")
    with tempfile.TemporaryDirectory(prefix="millrace-readme-") as folder:
        make_workspace(pathlib.Path(folder), root, build)
        count = run_listings(readme, pathlib.Path(folder))
    print(f"{count} listings run")
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main())
