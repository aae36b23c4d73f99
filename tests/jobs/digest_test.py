# SPDX-License-Identifier: Apache-2.0
"""The same rows give the same result, bit for bit, for any number of ranks and threads, and without MPI."""
import shutil
import sys

import millrace_runs as runs


def layouts(options):
    for threads in options.threads:
        for ranks in options.ranks:
            yield f"{ranks} ranks, {threads} threads", threads, ["mpirun", "-q", "-n", ranks]
        yield f"loopback, 2 workers, {threads} threads", threads, []
    yield "3 ranks, of which the workers do not find the input", 1, None


def command(options, project, threads, launcher):
    if launcher is None:
        run = [options.millrace.resolve(), "run", project, "--quiet", "--overwrite", "--set", "source.jsonl.path=rows.jsonl"]
        return ["mpirun", "-q", "-n", 1, "--wdir", project.parent, *run, ":", "-n", 2, "--wdir", "/", *run]
    more = [] if launcher else ["--transport", "loopback", "--set", "worker_count=2"]
    return [*launcher, options.millrace, "run", project, "--quiet", "--overwrite", "--set", f"threads_per_worker={threads}", *more]


def main():
    arguments = runs.parser(__doc__, rows=30000)
    arguments.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 3, 4, 8])
    arguments.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = arguments.parse_args()
    folder = runs.work_folder(options)
    rows = runs.write_rows(options.millrace, folder / "rows.jsonl", options.rows, options.seed)
    digests = {}
    for number, (layout, threads, launcher) in enumerate(layouts(options)):
        output = folder / f"output-{number}"
        project = runs.write_project(folder / "project.json", rows, output)
        runs.must_run(command(options, project, threads, launcher))
        runs.verify(options.millrace, output)
        digests[layout] = runs.digest(options.millrace, output)
        print(f"{digests[layout]}  {layout}", flush=True)
        shutil.rmtree(output)
    if not options.folder:
        shutil.rmtree(folder)
    different = len(set(digests.values()))
    print(f"{len(digests)} layouts, {different} digest{'s' if different > 1 else ''}")
    return 0 if different == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
