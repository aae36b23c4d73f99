# SPDX-License-Identifier: Apache-2.0
"""What the harnesses of live runs share: a station that publishes through a private broker, a project that takes its rows
as they are, and what must be stored in the end."""
import json
import pathlib
import subprocess

import h5py
import numpy as np

import millrace_runs as runs

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Small, so that segments of the journal begin and go while a test runs.
JOURNAL_BYTES = 1 << 24


class Station:
    """Rows of one seed: as a publisher sends them, and as they must be stored."""

    def __init__(self, millrace, rows, seed):
        self.rows = rows
        self.command = [str(millrace), "generate", "--rows", str(rows), "--seed", str(seed), "--duplicates", "0"]

    def publish(self, url, topic, qos=1, version="5", rate=None, *more):
        pace = ["--rate", str(rate)] if rate else []
        return runs.Started([*self.command, "--publish", f"{url}/{topic}", "--qos", str(qos), "--mqtt-version", version,
                             *pace, *more])

    def expected(self):
        lines = subprocess.run(self.command, stdout=subprocess.PIPE, check=True).stdout.splitlines()
        return [json.loads(line) for line in lines]


def live_project(path, url, output, client_id, **changes):
    """configs/weather_mqtt.json with these places and no chain. changes: "source__mqtt__qos" for source.mqtt.qos."""
    changes = {"source__mqtt__broker": url, "source__mqtt__client_id": client_id, "source__mqtt__topic": client_id,
               "source__mqtt__journal_max_bytes": JOURNAL_BYTES, "source__mqtt__max_payload_bytes": JOURNAL_BYTES // 4,
               "sink__hdf5__path": str(output),
               "sink__hdf5__segment_seconds": 0.2, "chain": [], "buffering_factor": 200, "buffer_timeout_s": 0.2, **changes}
    text = (ROOT / "configs/weather_mqtt.json").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("//")]
    project = json.loads("\n".join(lines))
    for name, value in changes.items():
        *parents, key = name.split("__")
        part = project
        for parent in parents:
            part = part.setdefault(parent, {})
        part[key] = value
    path.write_text(json.dumps(project, indent=1))
    return path


def drain(millrace, project, ranks=2, quiet_s=1.0):
    """A run to the end of what the broker holds."""
    return runs.must_run(runs.mpirun_command(millrace, ranks, project, "--once", "--idle-timeout", str(quiet_s)))


def instants(rows):
    """dateTime of the rows, as HDF5 has it: seconds since 1970."""
    return np.array([row["dateTime"].rstrip("Z") for row in rows], dtype="datetime64[s]").astype("int64")


def difference(output, rows):
    """Where what is stored differs from the rows, in their order; "" if nowhere."""
    with h5py.File(pathlib.Path(output) / "results.h5") as result:
        stored, wanted = result["dateTime"][:], instants(rows)
        if not np.array_equal(stored, wanted):
            lost, twice = len(np.setdiff1d(wanted, stored)), len(stored) - len(np.unique(stored))
            return f"{len(stored)} rows of {len(wanted)}: {lost} lost, {twice} twice, ascending: {np.all(np.diff(stored) > 0)}"
        for name in rows[0]:
            values = [row.get(name) for row in rows]
            if name == "dateTime" or not all(value is None or isinstance(value, (int, float)) for value in values):
                continue
            if not np.array_equal(result[name][:], np.array(values, dtype="float64"), equal_nan=True):
                return f"other values of {name}"
    return ""
