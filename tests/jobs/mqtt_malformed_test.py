# SPDX-License-Identifier: Apache-2.0
"""Payloads of many wrong kinds among good ones, thousands a second: all good rows are stored once and in order, each wrong
payload is in quarantine once, with its bytes and a reason, the counts are right, and what unpacks to very much is not
unpacked further than max_payload_bytes allows."""
import base64
import gzip
import json
import random
import shutil
import sys
import time
import zlib

import h5py
import numpy as np

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker
from raw_publisher import Pace, RawPublisher

PATIENCE_S = 5  # a publisher on a loaded machine may pause
MAX_PAYLOAD_BYTES = 1_000_000
ZEROS = b" " * 200_000_000
ROW = b'{"n": 1}'
HEAVY_BYTES, MOST_HEAVY = 10_000, 20  # so many of each kind whose payload is so long

# Of a project that takes one row a payload: what the reason says.
ROWS = {
    "empty": (b"", "payload: "), "white space": (b" \n\t ", "payload: "),
    "not UTF-8": (b'{"text": "\xff\xfe"}', "UTF-8"), "a cut character": (b'{"text": "\xe2\x82"}', "UTF-8"),
    "nul bytes": (b"\0\0\0\0", "decode: "), "rubbish": (b"hello, world", "decode: "),
    "a number": (b"42", "decode: "), "null": (b"null", "decode: "), "an array": (b'[{"n": 1}]', "decode: "),
    "a cut row": (b'{"n": 1, "text": "a', "decode: "), "a cut number": (b'{"n": 1', "decode: "),
    "two rows": (b'{"n": 1} {"n": 2}', "decode: "), "a text for a number": (b'{"n": "one"}', "column n"),
    "an object for a number": (b'{"n": {"a": 1}}', "decode: "), "NaN": (b'{"n": NaN}', "decode: "),
    "beyond int64": (b'{"n": 9223372036854775808}', "column n"), "a fraction": (b'{"n": 1.5}', "column n"),
    "a lone surrogate": (b'{"text": "\\ud800"}', "surrogate"), "deep nesting": (b'{"text":' * 5000, "decode: "),
    "deep arrays": (b'{"n": 1, "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "decode: "),
    "huge": (b'{"text": "' + b"x" * 2_000_000 + b'"}', "max_"), "cut gzip": (gzip.compress(ROW)[:-4], "payload: "),
    "damaged gzip": (gzip.compress(ROW)[:-8] + b"\0\0\0\0\0\0\0\0", "payload: "),
    "a gzip bomb": (gzip.compress(ZEROS), "max_payload_bytes"),
}


def packed(text):
    return base64.b64encode(zlib.compress(text))


# Of a project that takes packed payloads.
PACKED = {
    "empty": (b"", "payload: "), "no base64": (b"*** not base64 ***", "payload: "),
    "cut base64": (packed(b"[" + ROW + b"]")[:-3], "payload: "), "plain JSON": (b"[" + ROW + b"]", "payload: "),
    "no zlib": (base64.b64encode(b"hello, world"), "payload: "),
    "cut zlib": (base64.b64encode(zlib.compress(b"[" + ROW + b"]")[:-5]), "payload: "),
    "a wrong checksum": (base64.b64encode(zlib.compress(b"[" + ROW + b"]")[:-4] + b"abcd"), "payload: "),
    "something behind zlib": (base64.b64encode(zlib.compress(b"[" + ROW + b"]") + b"abcd"), "payload: "),
    "no array": (packed(b"hello"), "payload: "), "a cut array": (packed(b"[" + ROW + b", {"), "payload: "),
    "a missing comma": (packed(b"[" + ROW + ROW + b"]"), "payload: "), "two commas": (packed(b"[{},,{}]"), "payload: "),
    "something behind the array": (packed(b"[] x"), "payload: "), "deep nesting": (packed(b"[" * 100_000), "payload: "),
    "a zlib bomb": (packed(b"[" + ZEROS + b"]"), "max_payload_bytes"), "no row": (packed(b"[]"), "payload: "),
}


COLUMNS = [{"name": "n", "type": "int64"}, {"name": "value", "type": "float64"}, {"name": "text", "type": "text"}]


def good_row(n):
    return {"n": n, "value": n / 7, "text": f"good {n % 1000}"}


class Traffic:
    """Good rows of one form, and wrong payloads in random places among them."""

    def __init__(self, options, form, kinds):
        self.rows, self.form = options.rows, form
        self.rows_per_payload = options.packed_rows if form == "packed" else 1
        good = -(-self.rows // self.rows_per_payload)
        chance = random.Random(options.seed)
        self.places = [None] * good + self.choose(kinds, round(good * options.share / (1 - options.share)), chance)
        chance.shuffle(self.places)
        self.bad = [(name, *kinds[name]) for name in self.places if name is not None]

    @staticmethod
    def choose(kinds, count, chance):
        """Names of at least one of each kind."""
        light = [name for name, (payload, _) in kinds.items() if len(payload) < HEAVY_BYTES]
        names = list(kinds) + [name for name in kinds if name not in light] * min(MOST_HEAVY - 1, count // len(kinds))
        return names + chance.choices(light, k=max(count - len(names), 0))

    def payloads(self):
        bad, first = iter(self.bad), 0
        for name in self.places:
            if name is not None:
                yield next(bad)[1]
                continue
            count = min(self.rows_per_payload, self.rows - first)
            rows = b",".join(json.dumps(good_row(n)).encode() for n in range(first, first + count))
            yield packed(b"[" + rows + b"]") if self.form == "packed" else rows
            first += count

    def publish(self, broker, topic, rate):
        """Seconds that it took."""
        pace = Pace(rate)
        with RawPublisher(broker.port, f"publisher of {topic}") as publisher:
            for payload in self.payloads():
                pace.wait()
                publisher.publish(topic, payload)
        return time.monotonic() - pace.began


def make_project(folder, broker, topic, form):
    return live.live_project(folder / f"{topic}.json", broker.url, folder / topic, topic, source__mqtt__payload=form,
                             source__mqtt__max_payload_bytes=MAX_PAYLOAD_BYTES, source__mqtt__max_row_bytes=MAX_PAYLOAD_BYTES,
                             schema={"columns": COLUMNS})


def bytes_of(line, name):
    return line[name].encode() if name in line else base64.b64decode(line.get(f"{name}_base64", ""))


def rejects_of(output):
    """(reason, bytes) of each line of the quarantine file."""
    with open(output.parent / f"{output.name}.rejects.jsonl", encoding="utf-8") as file:
        for line in map(json.loads, file):
            yield line["reason"], bytes_of(line, "row") or bytes_of(line, "payload")


def differences_of_rows(output, rows):
    wanted = np.arange(rows)
    with h5py.File(output / "results.h5") as result:
        if not np.array_equal(result["n"][:], wanted):
            return [f"{len(result['n'])} of {rows} good rows are stored, or in another order"]
        texts = result["text_labels"].asstr()[:][result["text"][:]]
        same = {"value": np.array_equal(result["value"][:], wanted / 7),
                "text": list(texts) == [good_row(n)["text"] for n in range(rows)]}
    return [f"other values of {name}" for name, is_same in same.items() if not is_same]


def differences_of_rejects(rejects, bad):
    if len(rejects) != len(bad):
        yield f"{len(rejects)} payloads are quarantined of {len(bad)}"
    for (name, payload, part), (reason, kept) in zip(bad, rejects):
        if part not in reason:
            yield f"{name}: {reason}, not {part}"
        is_cut = "max_row_bytes" in reason
        if not (payload.startswith(kept) and len(kept) >= MAX_PAYLOAD_BYTES) if is_cut else kept.strip() != payload.strip():
            yield f"{name}: its bytes are not kept ({reason}): {kept[:60]}"


def differences_of_counts(report, traffic, rejects):
    bad = len(traffic.bad)
    wanted = {"rows_in": traffic.rows + bad, "rows_out": traffic.rows, "rows_dropped": 0, "rows_quarantined": bad}
    found = {name: report[name] for name in wanted}
    if found != wanted:
        yield f"the report counts {found}, not {wanted}"
    if report["intake"]["payloads"] - report["intake"]["redeliveries"] != len(traffic.places):
        yield f"the report counts {report['intake']} of {len(traffic.places)} payloads"
    if sum(report["reject_reasons"].values()) != len(rejects):
        yield f"the report has {report['reject_reasons']}"
    for rank in report["ranks"]:
        if rank["peak_memory_bytes"] >= len(ZEROS):
            yield f"a bomb may have gone off: {rank}"


def figures_of(traffic, report, published_s):
    memory = ", ".join(f"{rank['peak_memory_bytes'] / 1e6:.0f} MB" for rank in report["ranks"])
    return (f"{traffic.form}: {traffic.rows} good rows in {len(traffic.places) - len(traffic.bad)} payloads, "
            f"{len(traffic.bad)} wrong payloads of {len({name for name, *_ in traffic.bad})} kinds, "
            f"{len(report['reject_reasons'])} reasons; {len(traffic.places) / published_s:.0f} payloads/s published, "
            f"taken in {report['intake']['receiving_s']:.1f} s; {report['intake']['reconnects']} reconnects; "
            f"peak memory of ranks {memory}")


def check(options, folder, broker, form, kinds):
    topic = f"malformed-{form}"
    project = make_project(folder, broker, topic, form)
    traffic = Traffic(options, form, kinds)
    live.drain(options.millrace, project, quiet_s=0.1)
    run = runs.Started(runs.mpirun_command(options.millrace, 2, project, "--once", "--idle-timeout", str(PATIENCE_S)))
    published_s = traffic.publish(broker, topic, options.rate)
    code, said = run.finish()
    if code != 0:
        raise SystemExit(f"exit code {code}\n{said}")
    runs.verify(options.millrace, folder / topic)
    report, rejects = json.loads((folder / topic / "report.json").read_text()), list(rejects_of(folder / topic))
    wrong = [*differences_of_rows(folder / topic, traffic.rows), *differences_of_rejects(rejects, traffic.bad),
             *differences_of_counts(report, traffic, rejects)]
    print(figures_of(traffic, report, published_s), flush=True)
    for line in wrong[:20]:
        print(f"  {line}", flush=True)
    return not wrong


def main():
    arguments = runs.parser(__doc__, rows=5000)
    arguments.add_argument("--share", type=float, default=0.05, help="of the payloads that are wrong, at least one of each kind")
    arguments.add_argument("--rate", type=float, default=10000, help="payloads a second")
    arguments.add_argument("--packed-rows", type=int, default=20, help="rows in a packed payload")
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    with PrivateBroker() as broker:
        passed = [check(options, folder, broker, form, kinds) for form, kinds in (("row", ROWS), ("packed", PACKED))]
    if all(passed) and not options.folder:
        shutil.rmtree(folder)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
