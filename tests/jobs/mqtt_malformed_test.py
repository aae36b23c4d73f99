# SPDX-License-Identifier: Apache-2.0
"""Payloads of many wrong kinds among good ones: all good rows are stored, and each wrong payload is in quarantine once, with
its bytes and a reason; what unpacks to very much is not unpacked further than max_payload_bytes allows."""
import base64
import collections
import gzip
import json
import random
import shutil
import subprocess
import sys
import zlib

import h5py
import numpy as np

import millrace_runs as runs
import mqtt_runs as live
from private_broker import PrivateBroker

MAX_PAYLOAD_BYTES = 1_000_000
ZEROS = b" " * 200_000_000
ROW = b'{"n": 1}'

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


def publish(broker, topic, payload):
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", topic,
                    "-s" if payload else "-n"], input=payload, check=True, timeout=30)


def make_project(folder, broker, topic, form):
    columns = [{"name": "n", "type": "int64"}, {"name": "text", "type": "text"}]
    return live.live_project(folder / f"{topic}.json", broker.url, folder / topic, topic, source__mqtt__payload=form,
                             source__mqtt__max_payload_bytes=MAX_PAYLOAD_BYTES, source__mqtt__max_row_bytes=MAX_PAYLOAD_BYTES,
                             schema={"columns": columns}, buffering_factor=50)


def bytes_of(line, name):
    return line[name].encode() if name in line else base64.b64decode(line.get(f"{name}_base64", ""))


def rejects_of(output):
    """(reason, bytes) of each line of the quarantine file."""
    lines = (output.parent / f"{output.name}.rejects.jsonl").read_text().splitlines()
    return [(line["reason"], bytes_of(line, "row") or bytes_of(line, "payload")) for line in map(json.loads, lines)]


def differences(output, good, bad):
    """What is wrong with an output of `good` numbers and `bad` (name, payload, reason)."""
    with h5py.File(output / "results.h5") as result:
        if not np.array_equal(result["n"][:], np.arange(good)):
            yield f"{len(result['n'])} of {good} good rows are stored, or in another order"
    rejects = rejects_of(output)
    if len(rejects) != len(bad):
        yield f"{len(rejects)} rows are quarantined of {len(bad)}"
    for (name, payload, part), (reason, row) in zip(bad, rejects):
        if part not in reason:
            yield f"{name}: {reason}, not {part}"
        if not payload.startswith(row[:MAX_PAYLOAD_BYTES]) if "max_row_bytes" in reason else row.strip() != payload.strip():
            yield f"{name}: its bytes are not kept ({reason}): {row[:60]}"


def check(options, folder, broker, form, kinds):
    topic = f"malformed-{form}"
    project = make_project(folder, broker, topic, form)
    live.drain(options.millrace, project, quiet_s=0.1)
    chance = random.Random(options.seed)
    names = [name for name in kinds for _ in range(options.times)]
    chance.shuffle(names)
    bad, good = [], 0
    wrap = (lambda row: packed(b"[" + row + b"]")) if form == "packed" else (lambda row: row)
    for name in names:
        for _ in range(chance.randint(0, 2)):
            publish(broker, topic, wrap(b'{"n": %d, "text": "good"}' % good))
            good += 1
        payload, reason = kinds[name]
        publish(broker, topic, payload)
        bad.append((name, payload, reason))
    live.drain(options.millrace, project)
    runs.verify(options.millrace, folder / topic)
    wrong = list(differences(folder / topic, good, bad))
    counts = collections.Counter(reason.split(", found")[0] for reason, _ in rejects_of(folder / topic))
    print(f"{form}: {good} good rows, {len(bad)} wrong payloads of {len(kinds)} kinds, {len(counts)} reasons", flush=True)
    for line in wrong:
        print(f"  {line}", flush=True)
    return not wrong


def main():
    arguments = runs.parser(__doc__, rows=0)
    arguments.add_argument("--times", type=int, default=3, help="payloads of each kind")
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    with PrivateBroker() as broker:
        passed = [check(options, folder, broker, form, kinds) for form, kinds in (("row", ROWS), ("packed", PACKED))]
    if all(passed) and not options.folder:
        shutil.rmtree(folder)
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
