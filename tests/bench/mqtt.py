# SPDX-License-Identifier: Apache-2.0
"""Live intake beside its raw limit, alternating: a queue of QoS 1 rows that the broker holds is drained with the journal on,
and by a bare Paho client that only counts; then one of QoS 0 publications of 100 rows each. No publisher is at work meanwhile:
on a small machine that would be measured.

    mqtt.py MILLRACE BENCH_MQTT_COUNTER [--rows N] [--rounds N]

Prints a table and one JSON line: publications/s of both, their ratio, and the CPU seconds a row of all processes of a run."""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "jobs"))
import millrace_runs as runs  # noqa: E402
import mqtt_runs as live  # noqa: E402
from private_broker import PrivateBroker  # noqa: E402


class Bench:
    def __init__(self, options, folder, broker, name, qos, rows_per_payload=1, **changes):
        self.rows_per_payload = rows_per_payload
        self.options, self.folder, self.broker, self.name, self.qos = options, folder, broker, name, qos
        self.output = folder / name
        self.project = live.live_project(folder / f"{name}.json", broker.url, self.output, name, source__mqtt__qos=qos,
                                         source__mqtt__journal_max_bytes=4e9, sink__hdf5__segment_seconds=60,
                                         buffering_factor=1000, **changes)
        live.drain(options.millrace, self.project, quiet_s=0.1)

    def counter(self, publications):
        return subprocess.Popen([self.options.counter, f"tcp://localhost:{self.broker.port}", f"{self.name}-counter", self.name,
                                 str(self.qos), str(publications)], stdout=subprocess.PIPE, text=True)

    def counted(self, counter, publications):
        seconds, cpu = map(float, counter.communicate(timeout=120)[0].split())
        return publications / seconds, cpu

    def publish(self, rows):
        more = ["--payload", "lines", "--rows-per-payload", str(self.rows_per_payload)] if self.rows_per_payload > 1 else []
        code, said = live.Station(self.options.millrace, rows, 1).publish(self.broker.url, self.name, self.qos, "5", None,
                                                                          *more).finish()
        if code != 0:
            raise SystemExit(said)

    def run(self):
        command = runs.mpirun_command(self.options.millrace, 2, self.project, "--once", "--idle-timeout", "1.5")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = runs.Started(command)
        return started, before

    def ran(self, started, before):
        code, said = started.finish()
        if code != 0:
            raise SystemExit(said)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads((self.output / "report.json").read_text())
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return report["intake"]["payloads"] / report["intake"]["receiving_s"], cpu, report["rows_in_run"]


def drained(bench, rows):
    """A queue that the broker holds for both."""
    payloads = rows // bench.rows_per_payload
    bench.counter(0).wait(30)
    bench.publish(rows)
    limit, limit_cpu = bench.counted(bench.counter(payloads), payloads)
    ours, cpu, stored = bench.ran(*bench.run())
    if stored != rows:
        raise SystemExit(f"{stored} rows of {rows} were stored")
    return limit, ours, limit_cpu / rows, cpu / rows


def measure(name, bench, rows, rounds):
    rounds = [drained(bench, rows) for _ in range(rounds)]
    limit, ours, limit_cpu, cpu = (statistics.median(column) for column in zip(*rounds))
    ratio = statistics.median(o / l for l, o, _, _ in rounds)
    print(f"{name:<30} {limit:>10.0f} {ours:>10.0f} {ratio:>7.2f} {limit_cpu * 1e6:>10.2f} {cpu * 1e6:>10.2f}", flush=True)
    return {"case": name, "counter_per_s": round(limit), "millrace_per_s": round(ours), "ratio": round(ratio, 3),
            "counter_cpu_us_per_row": round(limit_cpu * 1e6, 3), "millrace_cpu_us_per_row": round(cpu * 1e6, 3)}


def main():
    arguments = runs.parser(__doc__, rows=300000)
    arguments.add_argument("counter", type=pathlib.Path, help="the program bench_mqtt_counter")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    print(f"{os.cpu_count()} cores, {options.rows} rows, medians of {options.rounds} rounds")
    print(f"{'':<30} {'counter/s':>10} {'millrace/s':>10} {'ratio':>7} {'us CPU/row':>10} {'us CPU/row':>10}")
    results = []
    with PrivateBroker() as broker:
        queue = Bench(options, folder, broker, "queue", 1)
        results.append(measure("QoS 1, one row each", queue, options.rows, options.rounds))
    # It saves all it holds, and would do little else.
    with PrivateBroker(["queue_qos0_messages true", "autosave_interval 1800"]) as broker:
        lines = Bench(options, folder, broker, "lines", 0, 100, source__mqtt__payload="lines")
        results.append(measure("QoS 0, 100 rows each", lines, 10 * options.rows, options.rounds))
    print(json.dumps(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
