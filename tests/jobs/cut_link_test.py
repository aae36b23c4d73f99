# SPDX-License-Identifier: Apache-2.0
"""A network link that is cut ends a run on two hosts after the time-out, with a line that names rank and host, and the
cut-off worker leaves too. mpirun would wait for the lost host for a quarter of an hour, so rank 0 sees that it is killed.

The hosts are network namespaces, joined by a bridge; where they are not permitted the test is skipped (77)."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

import millrace_runs as runs

TIMEOUT_S = 2
GRACE_S = 9  # the last commit, and rank 0's patience with mpirun
KILLED = -9
NETWORK = "10.77.0"
# Stands in for ssh: AGENT [options] HOST COMMAND...
AGENT = """#!/bin/bash
while [[ $1 == -* ]]; do shift; done
host=$1
shift
exec ip netns exec "$host" unshare -u bash -c 'hostname "$0"; exec bash -c "$1"' "$host" "$*"
"""


def in_namespaces(options):
    """Runs this program again with mounts, network and process ids of its own; its exit code."""
    unshare = ["unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0 or subprocess.run(unshare + ["true"], capture_output=True).returncode != 0:
        print("skipped: no network namespace is to be had here")
        return runs.SKIPPED
    folder = runs.work_folder(options)
    code = subprocess.run(unshare + [sys.executable, __file__, "--inside", "--folder", folder, options.millrace]).returncode
    if not options.folder:
        shutil.rmtree(folder)
    return code


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def make_hosts(folder):
    pathlib.Path("/run/netns").mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "millrace-test", "/run/netns"], check=True)
    names = folder / "hosts"
    names.write_text("127.0.0.1 localhost\n" + "".join(f"{NETWORK}.{10 + number} h{number}\n" for number in range(2)))
    subprocess.run(["mount", "--bind", names, "/etc/hosts"], check=True)
    ip("netns", "add", "switch")
    ip("-n", "switch", "link", "add", "bridge", "type", "bridge")
    ip("-n", "switch", "link", "set", "bridge", "up")
    for number in range(2):
        host, inner, outer = f"h{number}", f"inner{number}", f"outer{number}"
        ip("netns", "add", host)
        ip("-n", host, "link", "set", "lo", "up")
        ip("link", "add", inner, "netns", host, "type", "veth", "peer", "name", outer, "netns", "switch")
        ip("-n", host, "address", "add", f"{NETWORK}.{10 + number}/24", "dev", inner)
        ip("-n", host, "link", "set", inner, "up")
        ip("-n", "switch", "link", "set", outer, "master", "bridge")
        ip("-n", "switch", "link", "set", outer, "up")


def mpirun_on_hosts(options, folder, project):
    agent = folder / "agent"
    agent.write_text(AGENT)
    agent.chmod(0o755)
    settings = {"plm": "rsh", "plm_rsh_agent": agent, "btl": "self,tcp", "btl_tcp_if_include": f"{NETWORK}.0/24",
                "oob_tcp_if_include": f"{NETWORK}.0/24"}
    words = [word for name, value in settings.items() for word in ("--mca", name, str(value))]
    command = ["mpirun", "-q", "-H", "h0:2,h1:2", *words, "-n", "3", "--map-by", "node", str(options.millrace), "run",
               str(project), "--quiet"]
    return [agent, "h0", " ".join(command)]


def a_cut_link_ends_the_run(options, folder):
    project = runs.write_project(folder / "endless.json", "unused", folder / "endless", segment_rows=2000,
                                 source={"synthetic": {"rows": 10**9}}, arrival_rate=5000.0, method="task_queue",
                                 heartbeat_timeout_s=TIMEOUT_S)
    started = runs.Started(mpirun_on_hosts(options, folder, project))
    runs.wait_until(lambda: list((folder / "endless/segments").glob("*.h5")), "a segment is committed")
    ip("-n", "switch", "link", "set", "outer1", "down")
    began = time.monotonic()
    code, said = started.finish(60)
    took_s = time.monotonic() - began
    runs.expect(code == KILLED and "rank 1 on h1 is lost" in said, "a cut link ends the run, and the rank is named",
                f"{code} after {took_s:.1f} s\n{said}")
    runs.expect(took_s < TIMEOUT_S + GRACE_S, f"it took {took_s:.1f} s at a time-out of {TIMEOUT_S} s", said)
    runs.verify(options.millrace, folder / "endless")
    runs.wait_until(lambda: not runs.processes_of(project), "the cut-off worker leaves too", 4 * TIMEOUT_S + GRACE_S)
    runs.wait_until(lambda: not subprocess.run(["pgrep", "-r", "R,S,D", "orted"], capture_output=True).stdout,
                    "so does the daemon of mpirun that started it")
    print(f"holds: the cut-off worker had left {time.monotonic() - began:.1f} s after the cut")


def main():
    arguments = runs.parser(__doc__, rows=0)
    arguments.add_argument("--inside", action="store_true", help="we are in namespaces of our own already")
    options = arguments.parse_args()
    if not options.inside:
        return in_namespaces(options)
    make_hosts(options.folder)
    a_cut_link_ends_the_run(options, options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
