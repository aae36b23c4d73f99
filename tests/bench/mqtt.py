# SPDX-License-Identifier: Apache-2.0
"""Live intake beside its raw limit, alternating: Millrace with the journal on, and a bare Paho client that only counts.

    queue    what the broker holds is drained; no publisher is at work
    live     a publisher sends as fast as the broker takes it, on the same cores; three times as many rounds, and the best of
             each: with segments of 64 KB against receive buffers of 128 KB TCP halves the speed of some rounds, the
             counter's too, and a pair of one that it halved and one that it did not says nothing

    mqtt.py MILLRACE BENCH_MQTT_COUNTER [--rows N] [--rounds N]

Prints a table and one JSON line: publications/s of both, their ratio, and the CPU seconds a row of all processes of a run."""
import functools
import json
import mmap
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
import millrace_runs as runs  # noqa: E402
import mqtt_runs  # noqa: E402
from mqtt_burst import Burst  # noqa: E402
from private_broker import PrivateBroker  # noqa: E402


WARM_BYTES = 4 << 30


class Bench:
    def __init__(self, options, folder, broker, name, qos, rows_per_payload=1, **changes):
        self.rows_per_payload = rows_per_payload
        self.options, self.folder, self.broker, self.name, self.qos = options, folder, broker, name, qos
        self.output = folder / name
        self.project = mqtt_runs.live_project(folder / f"{name}.json", broker.url, self.output, name,
                                              source__mqtt__qos=qos, source__mqtt__journal_max_bytes=4e9,
                                              sink__hdf5__segment_seconds=60, buffering_factor=1000, **changes)
        mqtt_runs.drain(options.millrace, self.project, quiet_s=0.1)

    def counter(self, publications):
        return subprocess.Popen([self.options.counter, f"tcp://localhost:{self.broker.port}", f"{self.name}-counter", self.name,
                                 str(self.qos), str(publications)], stdout=subprocess.PIPE, text=True,
                                start_new_session=True)  # the kernel shares the cores out by sessions

    def counted(self, counter, publications):
        seconds, cpu = map(float, counter.communicate(timeout=120)[0].splitlines()[-1].split())
        return publications / seconds, cpu

    def publish(self, rows):
        more = ["--payload", "lines", "--rows-per-payload", str(self.rows_per_payload)] if self.rows_per_payload > 1 else []
        station = mqtt_runs.Station(self.options.millrace, rows, 1)
        code, said = station.publish(self.broker.url, self.name, self.qos, "5", None, *more).finish()
        if code != 0:
            raise SystemExit(said)

    def run(self):
        command = runs.mpirun_command(self.options.millrace, 2, self.project, "--once", "--idle-timeout", "1.5")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = runs.Started(command)
        return started, before

    def ran(self, started, before, rows):
        code, said = started.finish()
        if code != 0:
            raise SystemExit(said)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads((self.output / "report.json").read_text())
        if report["rows_in_run"] != rows:
            raise SystemExit(f"{report['rows_in_run']} rows of {rows} were stored")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return report["intake"]["payloads"] / report["intake"]["receiving_s"], cpu


def settle():
    """The same start for each run: nothing to be written back, and memory that is there. A virtual machine may give what is
    free back to its host, and pays for the first touch afterwards with more than a copy."""
    os.sync()
    with mmap.mmap(-1, WARM_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for page in range(0, WARM_BYTES, mmap.PAGESIZE):
            memory[page] = 1


def drained(bench, rows):
    """A queue that the broker holds for both."""
    settle()
    payloads = rows // bench.rows_per_payload
    bench.counter(0).wait(30)
    bench.publish(rows)
    limit, limit_cpu = bench.counted(bench.counter(payloads), payloads)
    settle()
    ours, cpu = bench.ran(*bench.run(), rows)
    return limit, ours, limit_cpu / rows, cpu / rows


def received(burst, bench, rows):
    """What is published meanwhile, to one after the other."""
    settle()
    counter = bench.counter(burst.publications)
    counter.stdout.readline()
    burst.send(bench.broker.port)
    limit, limit_cpu = bench.counted(counter, burst.publications)
    settle()
    started, before = bench.run()
    runs.wait_until(lambda: "subscribed to" in started.said_so_far(), "the run subscribes")
    burst.send(bench.broker.port)
    ours, cpu = bench.ran(started, before, rows)
    return limit, ours, limit_cpu / rows, cpu / rows


def median_of(rounds):
    limit, ours, limit_cpu, cpu = map(statistics.median, zip(*rounds))
    return limit, ours, statistics.median(o / l for l, o, _, _ in rounds), limit_cpu, cpu


def best_of(rounds):
    limits, ours, limit_cpu, cpu = zip(*rounds)
    return max(limits), max(ours), max(ours) / max(limits), min(limit_cpu), min(cpu)


def measure(name, bench, way, summary, rows, rounds):
    limit, ours, ratio, limit_cpu, cpu = summary([way(bench, rows) for _ in range(rounds)])
    print(f"{name:<30} {limit:>10.0f} {ours:>10.0f} {ratio:>7.2f} {limit_cpu * 1e6:>10.2f} {cpu * 1e6:>10.2f}", flush=True)
    return {"case": name, "counter_per_s": round(limit), "millrace_per_s": round(ours), "ratio": round(ratio, 3),
            "counter_cpu_us_per_row": round(limit_cpu * 1e6, 3), "millrace_cpu_us_per_row": round(cpu * 1e6, 3)}


def queues(options, folder):
    with PrivateBroker() as broker:
        bench = Bench(options, folder, broker, "queue", 1)
        yield measure("queue, QoS 1, 1 row each", bench, drained, median_of, options.rows, options.rounds)
    # It saves all it holds, and would do little else.
    with PrivateBroker(["queue_qos0_messages true", "autosave_interval 1800"]) as broker:
        bench = Bench(options, folder, broker, "lines", 0, 100, source__mqtt__payload="lines")
        yield measure("queue, QoS 0, 100 rows each", bench, drained, median_of, 10 * options.rows, options.rounds)


def live(options, folder):
    rows = 10 * options.rows
    with PrivateBroker(["autosave_interval 1800"]) as broker:
        bench = Bench(options, folder, broker, "burst", 0, 100, source__mqtt__payload="lines")
        way = functools.partial(received, Burst(options.millrace, "burst", rows, 100))
        yield measure("live, QoS 0, 100 rows each", bench, way, best_of, rows, 3 * options.rounds)


def main():
    arguments = runs.parser(__doc__, rows=300000)
    arguments.add_argument("counter", type=pathlib.Path, help="the program bench_mqtt_counter")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    print(f"{os.cpu_count()} cores, {options.rows} rows of QoS 1, ten times as many of QoS 0, {options.rounds} rounds")
    print(f"{'':<30} {'counter/s':>10} {'millrace/s':>10} {'ratio':>7} {'us CPU/row':>10} {'us CPU/row':>10}", flush=True)
    print(json.dumps([*queues(options, folder), *live(options, folder)]), flush=True)
    if not options.folder:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
