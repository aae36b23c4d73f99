# SPDX-License-Identifier: Apache-2.0
"""What the harnesses of this folder share: rows, a project, runs under mpirun with a time limit, digests."""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

SKIPPED = 77
TIME_LIMIT_S = 300
# A chain in which everything depends on the message: what was dropped, what a scaler was fitted to, order statistics.
CHAIN = ["fillna_zeros", {"task": "quantile_transformer_normal"}, "standard_scaler", "drop_duplicates"]


def parser(description, rows):
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("millrace", type=pathlib.Path, help="the program")
    arguments.add_argument("--rows", type=int, default=rows)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--folder", type=pathlib.Path, help="where to work; a temporary one otherwise")
    return arguments


def work_folder(options):
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        return options.folder.resolve()
    return pathlib.Path(tempfile.mkdtemp(prefix="millrace-test-"))


def mpi_environment():
    """As jobs/mpi.sh: any number of ranks on this one machine, whoever calls."""
    environment = dict(os.environ, OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_hwloc_base_binding_policy="none",
                       OMPI_MCA_btl="self,vader", OMPI_MCA_mpi_yield_when_idle="1")
    if os.geteuid() == 0:
        environment.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return environment


def write_rows(millrace, path, rows, seed=1):
    if not path.exists():
        with open(path, "wb") as file:
            subprocess.run([millrace, "generate", "--rows", str(rows), "--seed", str(seed)], stdout=file, check=True)
    return path


def write_project(path, rows, output, segment_rows=20000, **changes):
    project = {
        "source": {"jsonl": {"path": str(rows)}},
        "buffering_factor": 500,
        "chain": CHAIN,
        "sink": {"hdf5": {"path": str(output), "segment_rows": segment_rows}},
    }
    project.update(changes)
    path.write_text(json.dumps(project, indent=2))
    return path


def mpirun_command(millrace, ranks, project, *more):
    return ["mpirun", "-q", "-n", str(ranks), str(millrace), "run", str(project), "--quiet", *more]


class Started:
    """A command in a process group of its own, so that a time-out leaves nothing behind. What it says goes to a file, so
    that the end of mpirun is seen while orphaned ranks still live."""

    def __init__(self, command, **environment):
        self.command = [str(word) for word in command]
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, env={**mpi_environment(), **environment}, start_new_session=True,
                                        stdout=self.said, stderr=subprocess.STDOUT)

    def said_so_far(self):
        return os.pread(self.said.fileno(), 1 << 20, 0).decode(errors="replace")

    def finish(self, time_limit_s=TIME_LIMIT_S):
        """Its exit code and what it said. A hang ends the group and the test."""
        try:
            self.process.wait(time_limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise SystemExit(f"still running after {time_limit_s} s: {' '.join(self.command)}")
        with self.said:
            self.said.seek(0)
            return self.process.returncode, self.said.read().decode(errors="replace")


def run(command, time_limit_s=TIME_LIMIT_S):
    return Started(command).finish(time_limit_s)


def expect(holds, sentence, detail=""):
    if not holds:
        raise SystemExit(f"not so: {sentence}\n{detail}")
    print(f"holds: {sentence}", flush=True)


def wait_until(holds, sentence, limit_s=30):
    until = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > until:
            raise SystemExit(f"not within {limit_s} s: {sentence}")
        time.sleep(0.02)


def must_run(command, expected=0, time_limit_s=TIME_LIMIT_S):
    code, output = run(command, time_limit_s)
    if code != expected:
        raise SystemExit(f"exit code {code}, not {expected}: {' '.join(map(str, command))}\n{output}")
    return output


def digest(millrace, output):
    text = must_run([millrace, "inspect", output, "--digest"])
    found = re.fullmatch(r"[0-9a-f]{64}\n", text)
    if not found:
        raise SystemExit(f"no digest of {output}: {text}")
    return text.strip()


def verify(millrace, output):
    must_run([millrace, "inspect", output, "--verify"])


def processes_of(project):
    """Ids of the processes that run `project` now, mpirun's own left out."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if os.fsencode(str(project)) in words and b"mpirun" not in os.path.basename(words[0]):
            found.append(int(entry.name))
    return found
