# SPDX-License-Identifier: Apache-2.0
"""Project files, good and broken: the loader and the JSON Schema must say the same of them.

Each broken file begins with the problems that the loader must list, all of them and no others, a line each:

    // expect: chain[1].nrom: unknown option; did you mean norm?

`// schema: passes` stands where the schema cannot see what is wrong (a rule between values, a variable, a syntax error).

    corpus_test.py CONFIG_PROBE
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

import jsonschema

PROBE = str(pathlib.Path(sys.argv.pop(1)).resolve())
PROJECTS = pathlib.Path(__file__).parent / "projects"
# Keeps texts, drops comments.
COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)


def plain(text):
    return COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", text)


def probe(*arguments):
    environment = dict(os.environ, MILLRACE_TEST_PATH="rows.jsonl", MILLRACE_TEST_SECRET="hunter2")
    run = subprocess.run([PROBE, *arguments], cwd=PROJECTS, capture_output=True, text=True, check=True, env=environment)
    return run.stdout.splitlines()


def validator():
    schema = json.loads("\n".join(probe("schema")))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


class Corpus(unittest.TestCase):
    maxDiff = None

    @staticmethod
    def files(folder):
        for path in sorted((PROJECTS / folder).glob("*.json")):
            yield path.relative_to(PROJECTS).as_posix(), path.read_text()

    def test_broken_files_are_refused_with_each_problem_at_its_path(self):
        for name, text in self.files("broken"):
            expected = [f"{name}: {line}" for line in re.findall(r"^// expect: (.*)$", text, re.M)]
            with self.subTest(name):
                self.assertEqual(sorted(probe("load", name)), sorted(expected))

    def test_the_schema_refuses_what_the_loader_refuses(self):
        check = validator()
        for name, text in self.files("broken"):
            if "// schema: passes" not in text:
                self.assertFalse(check.is_valid(json.loads(plain(text))), name)

    def test_the_schema_passes_what_it_is_said_to_pass(self):
        check = validator()
        for name, text in self.files("broken"):
            if "// schema: passes" in text and "// not JSON" not in text:
                self.assertEqual([error.message for error in check.iter_errors(json.loads(plain(text)))], [], name)

    def test_good_files_pass_both(self):
        check = validator()
        for name, text in self.files("good"):
            self.assertEqual(probe("load", name), [f"{name} ok"])
            self.assertEqual([error.message for error in check.iter_errors(json.loads(plain(text)))], [], name)

    def test_the_corpus_is_there(self):
        self.assertGreaterEqual(len(list((PROJECTS / "broken").glob("*.json"))), 30)
        self.assertGreaterEqual(len(list((PROJECTS / "good").glob("*.json"))), 5)

    def test_every_option_has_a_description(self):
        properties = validator().schema["properties"]
        self.assertEqual([name for name, value in properties.items() if not value.get("description")], [])
        self.assertEqual(properties["buffering_factor"]["default"], 1000)
        self.assertEqual(properties["sink"]["properties"]["hdf5"]["properties"]["compression"]["default"], "deflate-1")


if __name__ == "__main__":
    unittest.main()
