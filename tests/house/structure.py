# SPDX-License-Identifier: Apache-2.0
"""The rules of the house, each a function from a source tree to complaints "FILE:LINE: what is wrong".

    structure.py ROOT [--compiler CXX] [--no-headers]

Reads include lines, not the preprocessor's output: a rule holds for what a file says, in every configuration.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

FLOORS = {
    "base": 0, "kernel": 0,
    "frame": 1,
    "codec": 2,
    "task": 3, "config": 3, "queueing": 3, "mqtt": 3,
    "source": 4, "sink": 4, "transport": 4, "journal": 4, "status": 4,
    "run": 5,
    "cli": 6, "main": 7,
}
NEIGHBOURS_ALLOWED = {("kernel", "base")}  # kernels take base's views of bytes; base knows nothing of kernels

# Vendor header -> the only files that include it. None: any file under src/.
VENDORS = [
    (r"mpi\.h", r"src/transport/mpi_transport\.cpp"),
    (r"MQTT\w+\.h", r"src/mqtt/\w+\.cpp"),
    (r"libpq-fe\.h", r"src/source/postgresql_\w+\.cpp"),
    (r"(hdf5|hdf5_hl|H5\w+)\.h", r"src/(sink|source)/hdf5_\w+\.[ch]pp"),
    (r"simdjson\.h|isa-l(/\w+)?(\.h)?|igzip_lib\.h|libdeflate\.h|zstd\.h", r"src/codec/\w+\.[ch]pp"),
    (r"zlib\.h", r"src/(codec/\w+\.[ch]pp|base/checksum\.cpp)"),
    (r"openssl/.*", r"src/(base/checksum|mqtt/diagnosis)\.cpp"),
    (r"(nlohmann|valijson)/.*", r"src/(config|status)/\w+\.[ch]pp"),
    (r"httplib\.h", r"src/status/\w+\.[ch]pp"),
    (r"curl/.*", r"src/source/influxdb_source\.cpp"),
    (r"Eigen/.*", r"src/(kernel|task)/\w+\.[ch]pp"),
    (r"omp\.h", r"src/base/parallel_blocks\.cpp"),
    (r"CLI/.*", r"src/cli/\w+\.[ch]pp"),
    (r"spdlog/.*", r"src/base/log\.cpp"),
    (r"fmt/.*", None),
    (r"boost/math/.*", r"src/kernel/\w+\.[ch]pp"),
]
SYSTEM = re.compile(r"(sys|linux|netinet|arpa)/\w+\.h|(unistd|fcntl|poll|pthread|sched|netdb|glob|fnmatch|dirent|dlfcn|spawn"
                    r"|malloc|\w*intrin|cpuid|signal|errno|time|math|stdio|stdlib|string|stdint|termios|pwd)\.h")
OPENMP_REGION_FILE = "src/base/parallel_blocks.cpp"
LINES = {"source": 400, "header": 120, "test": 300}
FUNCTION_LINES, FUNCTION_MEDIAN, FUNCTION_P90, PARAMETERS = 80, 8, 30, 4
# Callbacks as HDF5 and Paho want them.
PRESCRIBED_SIGNATURES = re.compile(r"src/sink/hdf5_\w+\.cpp:driver_\w+|src/mqtt/client\.cpp:put")
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def files(root, *folders, suffixes=(".cpp", ".hpp", ".h", ".c")):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield path, path.relative_to(root).as_posix()


def numbered(path):
    return enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)


def room_of(name):
    parts = re.sub(r"^(src|include/millrace)/", "", name).split("/")
    return parts[0] if len(parts) > 1 else pathlib.PurePath(parts[0]).stem


def target_room(root, file_name, included):
    """Room of an included file of ours; None if the file is not there."""
    for candidate in (f"include/{included}", f"src/{included}", os.path.dirname(file_name) + "/" + included):
        if (root / candidate).is_file():
            return room_of(os.path.normpath(candidate).replace(os.sep, "/"))
    return None


def check_floor(place, room, target):
    if target == room or FLOORS[target] < FLOORS[room] or (room, target) in NEIGHBOURS_ALLOWED:
        return []
    if FLOORS[target] > FLOORS[room]:
        return [f"{place}: {room} (floor {FLOORS[room]}) includes upward, from {target} (floor {FLOORS[target]})"]
    return [f"{place}: {room} includes from its neighbour room {target}"]


def check_vendor(place, name, header):
    if SYSTEM.fullmatch(header) or re.fullmatch(r"\w+", header):
        return []
    for pattern, owner in VENDORS:
        if re.fullmatch(pattern, header):
            if name.startswith("include/"):
                return [f"{place}: a public header includes the vendor header <{header}>"]
            if owner is None or re.fullmatch(owner, name):
                return []
            return [f"{place}: vendor header <{header}> outside its room ({owner})"]
    return [f"{place}: <{header}> is in no room's table; see VENDORS"]


def includes(root):
    complaints = []
    for path, name in files(root, "src", "include"):
        room = room_of(name)
        if room not in FLOORS:
            complaints.append(f"{name}:1: room {room} stands on no floor; see FLOORS")
            continue
        for line, text in numbered(path):
            match = INCLUDE.match(text)
            if not match:
                continue
            place, included = f"{name}:{line}", match.group(2)
            target = target_room(root, name, included)
            if target:
                complaints += check_floor(place, room, target)
            elif match.group(1) == '"' and not any(re.fullmatch(v, included) for v, _ in VENDORS):
                complaints.append(f'{place}: "{included}" is not there')
            else:
                complaints += check_vendor(place, name, included)
    return complaints


def openmp(root):
    return [f"{name}:{line}: an OpenMP directive other than simd outside {OPENMP_REGION_FILE}"
            for path, name in files(root, "src", "include") if name != OPENMP_REGION_FILE
            for line, text in numbered(path)
            if re.match(r"\s*#\s*pragma\s+omp\s+(?!simd\b|declare\s+simd\b)", text)]


def links(root):
    """CMake targets of rooms: explicit source lists, links to lower floors only."""
    complaints = []
    for path, name in files(root, "src", suffixes=(".txt",)):
        room = room_of(name)
        inside = False
        for line, text in numbered(path):
            if re.search(r"file\s*\(\s*GLOB|aux_source_directory", text):
                complaints.append(f"{name}:{line}: sources are listed, not globbed")
            inside = inside or bool(re.match(rf"\s*target_link_libraries\s*\(\s*{room}\b", text))
            if inside:
                words = [word for word in re.split(r"[\s()]+", text) if word in FLOORS and word != room]
                complaints += [c for word in words for c in check_floor(f"{name}:{line}", room, word)]
                inside = ")" not in text
    return complaints


def licence(root):
    return [f"{name}:1: the first line is not '// SPDX-License-Identifier: Apache-2.0'"
            for path, name in files(root, "src", "include", "tests")
            if path.read_text(errors="replace").split("\n", 1)[0] != "// SPDX-License-Identifier: Apache-2.0"]


def file_lengths(root):
    complaints = []
    for path, name in files(root, "src", "include", "tests", suffixes=(".cpp", ".hpp", ".h", ".c", ".py", ".sh")):
        kind = "test" if name.startswith("tests/") else "source" if path.suffix in (".cpp", ".c") else "header"
        lines = len(path.read_text(errors="replace").splitlines())
        if lines > LINES[kind]:
            complaints.append(f"{name}:{lines}: {lines} lines; the budget of a {kind} file is {LINES[kind]}")
    return complaints


def ctags_program():
    program = shutil.which("ctags-universal") or shutil.which("ctags")
    if program and "Universal" in subprocess.run([program, "--version"], capture_output=True, text=True).stdout:
        return program
    return None


def parameter_count(signature):
    inner = re.sub(r"^\(|\)\s*(const|noexcept|override|\s)*$", "", signature or "")
    previous = None
    while previous != inner:  # commas inside template arguments, calls and nested signatures do not separate
        previous, inner = inner, re.sub(r"<[^<>]*>|\([^()]*\)|\{[^{}]*\}", "", inner)
    return 0 if inner.strip() in ("", "void") else inner.count(",") + 1


def functions(root):
    program = ctags_program()
    if not program:
        print("no universal-ctags here: function lengths are not looked at")
        return []
    names = [name for _, name in files(root, "src", "include")]
    output = subprocess.run([program, "-L", "-", "--languages=C++", "--kinds-C++=f", "--fields=+neS",
                             "--output-format=json", "-f", "-"], cwd=root, input="\n".join(names), text=True,
                            capture_output=True, check=True).stdout
    complaints, lengths = [], []
    for tag in map(json.loads, output.splitlines()):
        place, lines = f"{tag['path']}:{tag['line']}", tag.get("end", tag["line"]) - tag["line"] + 1
        lengths.append(lines)
        if lines > FUNCTION_LINES:
            complaints.append(f"{place}: {tag['name']} has {lines} lines; the budget is {FUNCTION_LINES}")
        prescribed = PRESCRIBED_SIGNATURES.fullmatch(f"{tag['path']}:{tag['name']}")
        if parameter_count(tag.get("signature")) > PARAMETERS and not prescribed:
            complaints.append(f"{place}: {tag['name']} has more than {PARAMETERS} parameters; make them a struct")
    return complaints + length_spread(sorted(lengths))


def length_spread(lengths):
    if len(lengths) < 20:
        return []
    median, p90 = statistics.median(lengths), lengths[int(0.9 * len(lengths))]
    print(f"functions: {len(lengths)}, median {median:g} lines, 90th percentile {p90}, longest {lengths[-1]}")
    wrong = median > FUNCTION_MEDIAN or p90 > FUNCTION_P90
    return [f"src:1: functions of median {median:g} and 90th percentile {p90} lines; "
            f"the budget is {FUNCTION_MEDIAN} and {FUNCTION_P90}"] if wrong else []


def header_alone(root, compiler, name):
    with tempfile.TemporaryDirectory() as folder:
        unit = pathlib.Path(folder) / "alone.cpp"
        unit.write_text(f'#include "{name.removeprefix("include/")}"\n#include "{name.removeprefix("include/")}"\n')
        run = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-I", root / "include", unit],
                             capture_output=True, text=True)
    return [] if run.returncode == 0 else [f"{name}:1: does not compile alone:\n{run.stderr.rstrip()}"]


def headers_alone(root, compiler):
    names = [name for _, name in files(root, "include", suffixes=(".hpp", ".h"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(lambda name: header_alone(root, compiler, name), names), [])


RULES = [includes, openmp, links, licence, file_lengths, functions]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("root", type=pathlib.Path)
    arguments.add_argument("--compiler", default="c++")
    arguments.add_argument("--no-headers", action="store_true", help="do not compile each public header")
    options = arguments.parse_args()
    root = options.root.resolve()
    complaints = sum((rule(root) for rule in RULES), [])
    if not options.no_headers:
        complaints += headers_alone(root, options.compiler)
    print("\n".join(complaints) or f"{sum(1 for _ in files(root, 'src', 'include'))} files keep the rules")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
