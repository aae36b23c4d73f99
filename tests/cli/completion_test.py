# SPDX-License-Identifier: Apache-2.0
"""The completion scripts, driven in the shells that they are for.

    completion_test.py MILLRACE
"""
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

MILLRACE = str(pathlib.Path(sys.argv.pop(1)).resolve())
TIME_LIMIT_S = 60


def said_by(*words):
    return subprocess.run([MILLRACE, *words], capture_output=True, text=True, timeout=TIME_LIMIT_S, check=True).stdout


def listed(title, *words):
    """The first words of the lines below a title of a help text; none if it has no such title."""
    block = re.search(rf"^{title}:\n((?:  .*\n)+)", said_by(*words), re.M)
    return re.findall(r"^  (?:-\w,)?(\S+)", block.group(1), re.M) if block else []


COMMANDS = listed("Subcommands", "--help")
TASKS = [line.split()[0] for line in said_by("tasks").splitlines()]


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        for name in ["weather.json", "weather.csv", "rows.jsonl", "two words.json"]:
            (self.path / name).touch()
        (self.path / "configs").mkdir()


class Bash(InFolder):
    def completed(self, *words):
        """COMPREPLY for these words, the last one being typed."""
        script = (f'eval "$({shlex.quote(MILLRACE)} completion bash)"; COMP_WORDS=(millrace {shlex.join(words)}); '
                  f'COMP_CWORD={len(words)}; _millrace {shlex.quote(MILLRACE)}; printf "%s\\n" "${{COMPREPLY[@]}}"')
        run = subprocess.run(["bash", "--norc", "-c", script], cwd=self.path, capture_output=True, text=True, timeout=TIME_LIMIT_S)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout.split("\n")[:-1] if run.stdout != "\n" else []

    def test_the_script_is_registered_for_the_program(self):
        script = f'eval "$({shlex.quote(MILLRACE)} completion bash)"; complete -p millrace'
        run = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=TIME_LIMIT_S)
        self.assertEqual(run.stdout, "complete -F _millrace millrace\n")

    def test_every_subcommand_is_offered_and_the_hidden_one_is_not(self):
        self.assertIn("explain", COMMANDS)
        self.assertEqual(self.completed(""), COMMANDS)
        self.assertEqual(self.completed("com"), ["completion"])
        self.assertEqual(self.completed("_"), [])

    def test_every_option_of_every_subcommand_is_offered(self):
        for command in COMMANDS:
            with self.subTest(command):
                groups = [listed(title, command, "--help") for title in ("Options", "Publishing")]
                options = [name.split(",")[-1] for group in groups for name in group]
                self.assertIn("--help", options)
                self.assertEqual(sorted(self.completed(command, "-")), sorted(options))

    def test_an_option_is_offered_once_unless_it_may_stand_again(self):
        self.assertNotIn("--strict", self.completed("run", "--strict", "a.json", "--"))
        self.assertIn("--set", self.completed("run", "--set", "a=1", "--"))

    def test_choices_are_offered_in_the_place_of_a_value(self):
        for words in [["--format", ""], ["--rows", "5", "--format", ""], ["--format", "="]]:
            self.assertEqual(self.completed("generate", *words), ["jsonl", "csv"])
        self.assertEqual(self.completed("generate", "--format", "=", "c"), ["csv"])
        self.assertEqual(self.completed("run", "a.json", "--transport", "l"), ["loopback"])
        self.assertEqual(self.completed("completion", ""), ["bash", "zsh"])
        self.assertEqual(self.completed("completion", "bash", ""), [])

    def test_a_flag_takes_no_value(self):
        self.assertEqual(self.completed("run", "--strict", ""), ["configs", "two words.json", "weather.json"])

    def test_tasks_are_offered_and_in_a_list_after_each_comma(self):
        self.assertEqual(self.completed("tasks", ""), TASKS)
        self.assertEqual(self.completed("apply", "--chain", "rob"), ["robust_scaler"])
        self.assertEqual(self.completed("apply", "--chain", "abs,fillna_m"), ["abs,fillna_mean", "abs,fillna_median"])

    def test_project_files_and_folders_are_offered(self):
        for words in [["run"], ["validate"], ["explain", "--format", "json"], ["apply", "--project"]]:
            self.assertEqual(self.completed(*words, ""), ["configs", "two words.json", "weather.json"])
        self.assertEqual(self.completed("run", "we"), ["weather.json"])
        self.assertEqual(self.completed("run", "weather.json", ""), [])

    def test_any_file_is_offered_as_data(self):
        self.assertEqual(self.completed("schema", "--infer", "ro"), ["rows.jsonl"])
        self.assertIn("configs", self.completed("inspect", ""))

    def test_words_of_any_kind_do_no_harm(self):
        for words in [["run", "--", ""], ["--", ""], ["nothing", ""], ["run", "--wrong", ""], ["run", "--help", "$(touch made)"],
                      ["run", "--set", "=", "=", ""], ["="], ["-"]]:
            self.completed(*words)
        self.assertFalse((self.path / "made").exists())


@unittest.skipUnless(shutil.which("zsh"), "no zsh here")
class Zsh(InFolder):
    """A real shell on a terminal, as a person types."""

    def setUp(self):
        super().setUp()
        (self.path / "bin").mkdir()
        (self.path / "bin" / "millrace").symlink_to(MILLRACE)
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(self.path)
            os.environ.update(PATH=f"{self.path}/bin:{os.environ['PATH']}", TERM="dumb", ZDOTDIR=str(self.path), LC_ALL="C")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.addCleanup(self.leave, child)
        self.type("PS1='ready''> '; autoload -Uz compinit; compinit -D -u; setopt no_beep; zstyle ':completion:*' list-prompt ''\n", "ready> ")
        self.type('eval "$(millrace completion zsh)"\n', "ready> ")

    def leave(self, child):
        os.close(self.terminal)
        os.waitpid(child, 0)

    def type(self, text, until):
        """What the terminal shows up to a text that must come."""
        os.write(self.terminal, text.encode())
        shown, end = "", time.monotonic() + TIME_LIMIT_S
        while until not in shown:
            self.assertTrue(select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0],
                            f"{until!r} did not come: {shown!r}")
            shown += os.read(self.terminal, 65536).decode(errors="replace")
        return shown

    def completed(self, typed):
        """The line that a tab makes of what is typed, quoted by keys at its ends and printed instead of run.
        (A key behind it takes a space away that the tab made.)"""
        shown = self.type(f"{typed}\t\x01echo 'line: \x05:end'\n", "ready> ")
        return re.findall(r"^line: (.*):end", shown.replace("\r", ""), re.M)[-1]

    def test_commands_options_and_values_are_completed(self):
        for typed, line in [("millrace expl", "millrace explain"), ("millrace run --tran", "millrace run --transport"),
                            ("millrace run --transport l", "millrace run --transport loopback"),
                            ("millrace generate --format=c", "millrace generate --format=csv"),
                            ("millrace tasks rob", "millrace tasks robust_scaler"),
                            ("millrace apply --chain abs,nor", "millrace apply --chain abs,normalizer"),
                            ("millrace apply --chain fillna_m", "millrace apply --chain fillna_me")]:
            self.assertEqual(self.completed(typed), line)

    def test_files_are_completed_by_what_they_are_for(self):
        for typed, line in [("millrace run we", "millrace run weather.json"),
                            ("millrace schema --infer ro", "millrace schema --infer rows.jsonl"),
                            ("millrace schema --infer=ro", "millrace schema --infer=rows.jsonl"),
                            ("millrace run con", "millrace run configs")]:
            self.assertEqual(self.completed(typed), line)

    def test_a_list_shows_what_each_is(self):
        shown = self.type("millrace v\t\x15\n", "ready> ")
        self.assertIn("check a project as run does before it starts", shown)

    def test_the_script_is_a_completion_file_too(self):
        (self.path / "_millrace").write_text(said_by("completion", "zsh"))
        self.type("unfunction _millrace; fpath=($PWD $fpath); compinit -D -u\n", "ready> ")
        self.assertEqual(self.completed("millrace expl"), "millrace explain")


if __name__ == "__main__":
    unittest.main()
