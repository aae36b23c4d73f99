# SPDX-License-Identifier: Apache-2.0
"""Payloads that Python's own modules write are read, and those written here are read by Python's modules.

    payload_python_test.py PAYLOAD_PROBE
"""
import base64
import gzip
import json
import random
import subprocess
import sys
import unittest
import zlib

PROBE = sys.argv.pop(1)
LETTERS = ["a", "é", "☃", "😀", '"', "\\", "\n", "\t", "\x01", "\x7f", " ", "[", "]", "{", "}", ",", ":", "/"]


def probe(what, form, given):
    return subprocess.run([PROBE, what, form], input=given, capture_output=True, check=True, timeout=60).stdout


def random_value(source, depth):
    kind = source.randrange(6 if depth else 4)
    if kind == 0:
        return "".join(source.choices(LETTERS, k=source.randrange(30)))
    if kind == 1:
        return source.uniform(-1e6, 1e6)
    if kind == 2:
        return source.choice([True, False, None, 0, -1, 10**17])
    if kind == 3:
        return source.randrange(1000)
    if kind == 4:
        return [random_value(source, depth - 1) for _ in range(source.randrange(5))]
    return random_row(source, depth - 1)


def random_row(source, depth=3):
    return {random_value(source, 0).__str__(): random_value(source, depth) for _ in range(source.randrange(8))}


def packed(rows, level=-1, **format_options):
    return base64.b64encode(zlib.compress(json.dumps(rows, **format_options).encode(), level))


class Payloads(unittest.TestCase):
    def setUp(self):
        source = random.Random(3)
        self.samples = [[random_row(source) for _ in range(count)] for count in (1, 2, 3, 10, 100, 1000)]

    def check_read(self, form, payload, rows):
        for given in (payload, gzip.compress(payload)):
            read = json.loads(probe("read", form, given))
            self.assertIsInstance(read, list, read)
            self.assertEqual([json.loads(row) for row in read], rows)

    def test_what_python_packs_is_read(self):
        for rows in self.samples + [[]]:
            for level in (0, 1, 6, 9):
                self.check_read("packed", packed(rows, level), rows)
            self.check_read("packed", packed(rows, indent=2), rows)
            self.check_read("packed", packed(rows, ensure_ascii=False, separators=(",", ":")) + b"\n", rows)

    def test_arrays_lines_and_rows_of_python_are_read(self):
        for rows in self.samples:
            self.check_read("array", json.dumps(rows).encode(), rows)
            self.check_read("array", json.dumps(rows, indent=1, ensure_ascii=False).encode("utf-8-sig"), rows)
            self.check_read("lines", "\r\n".join(map(json.dumps, rows)).encode(), rows)
            self.check_read("row", json.dumps(rows[0], indent=4).encode(), rows[:1])

    def test_what_is_packed_here_is_read_by_python(self):
        for rows in self.samples + [[]]:
            lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
            text = probe("write", "packed", lines)
            self.assertEqual(json.loads(zlib.decompress(base64.b64decode(text, validate=True))), rows)
            self.assertEqual(json.loads(probe("write", "array", lines)), rows)
            self.assertEqual(probe("write", "lines", lines), lines)

    def test_line_breaks_inside_base64_are_refused(self):
        text = base64.encodebytes(zlib.compress(json.dumps(self.samples[3]).encode()))
        self.assertEqual(json.loads(probe("read", "packed", text)),
                         "payload: a line break stands inside the base64 text")


if __name__ == "__main__":
    unittest.main()
