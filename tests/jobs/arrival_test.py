# SPDX-License-Identifier: Apache-2.0
"""Random chains on random rows give the same result however the rows arrive: as one file, as several, or through a pipe in
pieces of any size; on any number of ranks and threads."""
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time

import millrace_runs as runs

TASKS = ["abs", "drop_duplicates", "fillna_mean", "fillna_median", "fillna_zeros", "handling_missing", "max_abs_scaler",
         "min_max_scaler_0_1", "min_max_scaler_m1_1", "normalizer", "quantile_transformer_normal",
         "quantile_transformer_uniform", "robust_scaler", "standard_scaler"]


def random_chain(chance):
    chain = chance.choices(TASKS, k=chance.randint(0, 5))
    if chance.random() < 0.2:
        chain.append("aggregated_sum")
    return chain


def random_rows(options, path, chance):
    """Generated rows with many gaps; some of them broken, so that what is refused has to stay in its place as well."""
    command = [options.millrace, "generate", "--rows", str(chance.randint(1, options.rows)), "--seed", str(chance.randint(1, 999)),
               "--missing", "0.03", "--absent", "0.02", "--duplicates", "0.05"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines(keepends=True)
    for number in chance.sample(range(len(lines)), len(lines) // 100):
        lines[number] = chance.choice([b"{\n", b"[1]\n", b'{"outTemp": "warm"}\n', b"\n", lines[number][:50] + b"\n"])
    path.write_bytes(b"".join(lines))
    return lines


def declared_schema(options, rows):
    command = [options.millrace, "schema", "--infer", rows]
    declared = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
    return declared.get("schema", declared)


def launcher(chance):
    """A layout in words, the words in front of the command, and those behind it."""
    ranks, threads = chance.randint(1, 4), chance.randint(1, 3)
    return f"{ranks} ranks, {threads} threads", ["mpirun", "-q", "-n", str(ranks)], ["--set", f"threads_per_worker={threads}"]


def run_file(options, project, path, chance):
    layout, before, behind = launcher(chance)
    runs.must_run([*before, options.millrace, "run", project, "--quiet", *behind, "--set", f"source.jsonl.path={path}"])
    return layout


def pieces(data, chance):
    at = 0
    while at < len(data):
        size = chance.choice([1, 7, 300, 4096, 65536, 300000])
        yield data[at:at + size]
        at += size


def run_pipe(options, project, data, chance):
    layout, before, behind = launcher(chance)
    command = [*before, options.millrace, "run", project, "--quiet", *behind, "--set", "source.jsonl.path=-"]
    said = tempfile.TemporaryFile()
    process = subprocess.Popen([str(word) for word in command], env=runs.mpi_environment(), stdin=subprocess.PIPE, stderr=said)
    for piece in pieces(data, chance):
        process.stdin.write(piece)
        process.stdin.flush()
        if chance.random() < 0.05:
            time.sleep(chance.random() * 0.01)
    process.stdin.close()
    if process.wait(runs.TIME_LIMIT_S) != 0:
        said.seek(0)
        raise SystemExit(f"exit code {process.returncode}: {' '.join(map(str, command))}\n{said.read().decode()}")
    return layout


def split(lines, folder, chance):
    folder.mkdir()
    cuts = sorted(chance.sample(range(len(lines) + 1), min(chance.randint(0, 4), len(lines))))
    for number, (begin, end) in enumerate(zip([0, *cuts], [*cuts, len(lines)])):
        (folder / f"rows-{number}.jsonl").write_bytes(b"".join(lines[begin:end]))
    return folder / "*.jsonl"


def check_case(options, folder, chance):
    rows = folder / "rows.jsonl"
    lines = random_rows(options, rows, chance)
    project = {"chain": random_chain(chance), "buffering_factor": chance.choice([1, 3, 50, 256, 1000, 3000]),
               "schema": declared_schema(options, rows)}

    def arrive(name, action):
        output = folder / name
        path = runs.write_project(folder / f"{name}.json", rows, output, **project)
        layout = action(path)
        runs.verify(options.millrace, output)
        return f"{name} on {layout}", runs.digest(options.millrace, output)

    results = [arrive("file", lambda path: run_file(options, path, rows, chance)),
               arrive("files", lambda path: run_file(options, path, split(lines, folder / "parts", chance), chance)),
               arrive("pipe", lambda path: run_pipe(options, path, b"".join(lines), chance))]
    same = len({digest for _, digest in results}) == 1
    print(f"{'same' if same else 'DIFFERENT'}: {len(lines)} rows by {project['buffering_factor']}, {project['chain']}: "
          f"{'; '.join(name for name, _ in results)}", flush=True)
    return same


def main():
    arguments = runs.parser(__doc__, rows=4000)
    arguments.add_argument("--cases", type=int, default=12)
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    different = 0
    for case in range(options.cases):
        place = folder / f"case-{case}"
        place.mkdir()
        different += not check_case(options, place, random.Random(options.seed * 1000 + case))
        shutil.rmtree(place)
    if not options.folder:
        shutil.rmtree(folder)
    print(f"{options.cases} cases, {different} with more than one digest")
    return 0 if different == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
