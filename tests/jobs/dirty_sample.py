# SPDX-License-Identifier: Apache-2.0
"""The dirty samples of data/ with their comment files, which data/README.md describes."""
import gzip
import json
import pathlib

DATA = pathlib.Path(__file__).parents[2] / "data"
SCHEMA = json.loads((DATA / "dirty.schema.json").read_text())
COLUMNS = [(column["name"], column["type"]) for column in SCHEMA["columns"]]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def whole_value(value, kind):
    """A value as the sink gives it back: long texts are written short in the comments, doubles may look whole."""
    if isinstance(value, dict):
        return value["repeat"] * value["times"]
    convert = {"float64": float, "int64": int}.get(kind)
    return convert(value) if convert and value is not None else value


class Row:
    def __init__(self, sample, comment, raw):
        self.sample, self.comment, self.raw = sample, comment, raw
        self.reason = comment.get("refused")
        self.values = comment.get("becomes")
        self.unknown_keys = comment.get("unknown_keys", 0)

    def expected(self):
        return {name: whole_value(self.values.get(name), kind) for name, kind in COLUMNS}

    def take_as_missing(self):
        if "or_missing" in self.comment:
            self.values, self.reason = self.comment["or_missing"], None
            self.unknown_keys = int("not in the schema" in self.comment["what"])

    def cut(self, most_bytes):
        if len(self.raw) > most_bytes:
            self.raw, self.unknown_keys = self.raw[: most_bytes + 1], 0
            self.reason = f"decode: expected at most {most_bytes} bytes (max_row_bytes), found more"


class Sample:
    def __init__(self, name):
        self.path, self.format = DATA / name, "csv" if ".csv" in name else "jsonl"
        self.bytes = gzip.decompress(self.path.read_bytes()) if name.endswith(".gz") else self.path.read_bytes()
        with open(DATA / f"{name}.comments", encoding="utf-8") as file:
            self.comments = [json.loads(line) for line in file]
        lines = self.bytes.split(b"\n")
        self.lines = len(lines) if lines[-1] else len(lines) - 1
        self.rows = [Row(self, c, self.raw(lines, c)) for c in self.comments if "becomes" in c or "refused" in c]

    @staticmethod
    def raw(lines, comment):
        raw = b"\n".join(lines[comment["line"] - 1 : comment["line"] - 1 + comment.get("lines", 1)])
        if comment["line"] == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        return raw.removesuffix(b"\r")
