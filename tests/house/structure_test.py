# SPDX-License-Identifier: Apache-2.0
"""Each rule of structure.py on a small tree that breaks it: a rule that cannot fail is no rule."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import structure  # noqa: E402

LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
COMPILER = sys.argv.pop() if len(sys.argv) > 1 and not sys.argv[-1].startswith("-") else "c++"


class BrokenTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("base/log", "codec/row", "task/task", "config/project", "run/feeder", "cli/commands"):
            self.write(f"include/millrace/{name}.hpp", "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if name.endswith(".txt") else LICENCE + text)

    def complaints(self, rule, *more):
        return rule(self.root, *more)

    def assert_only(self, complaints, start, words=""):
        self.assertEqual(len(complaints), 1, complaints)
        self.assertTrue(complaints[0].startswith(start), complaints)
        self.assertIn(words, complaints[0])

    def test_a_tree_that_keeps_the_rules_is_passed(self):
        self.write("src/codec/row.cpp", '#include "millrace/codec/row.hpp"\n\n#include <simdjson.h>\n#include <vector>\n'
                   '#include "millrace/base/log.hpp"\n')
        self.write("src/main.cpp", '#include "millrace/cli/commands.hpp"\n#include <unistd.h>\n')
        self.assertEqual(sum((self.complaints(rule) for rule in structure.RULES), []), [])

    def test_an_include_that_points_upward_is_named_with_file_and_line(self):
        self.write("src/codec/row.cpp", '\n#include "millrace/run/feeder.hpp"\n')
        self.assert_only(self.complaints(structure.includes), "src/codec/row.cpp:3:", "upward")

    def test_an_include_from_a_neighbour_room_is_named(self):
        self.write("include/millrace/task/chain.hpp", '#include "millrace/config/project.hpp"\n')
        self.assert_only(self.complaints(structure.includes), "include/millrace/task/chain.hpp:2:", "neighbour")

    def test_kernels_may_look_into_base_and_base_not_into_kernels(self):
        self.write("include/millrace/kernel/sum.hpp", '#include "millrace/base/log.hpp"\n')
        self.write("src/base/log.cpp", '#include "millrace/kernel/sum.hpp"\n')
        self.assert_only(self.complaints(structure.includes), "src/base/log.cpp:2:", "neighbour")

    def test_a_private_header_of_a_neighbour_room_is_named(self):
        self.write("src/sink/format.hpp", "")
        self.write("src/source/csv.cpp", '#include "sink/format.hpp"\n#include "../sink/format.hpp"\n')
        self.assertEqual([c.split(": ")[0] for c in self.complaints(structure.includes)],
                         ["src/source/csv.cpp:2", "src/source/csv.cpp:3"])

    def test_a_vendor_header_outside_its_room_is_named(self):
        for name, header in (("run/a.cpp", "mpi.h"), ("transport/loopback.cpp", "mpi.h"), ("sink/csv.cpp", "hdf5.h"),
                             ("task/a.cpp", "simdjson.h"), ("cli/a.cpp", "nlohmann/json.hpp"), ("run/b.cpp", "zlib.h"),
                             ("config/a.cpp", "CLI/CLI.hpp"), ("base/files.cpp", "spdlog/spdlog.h"),
                             ("sink/a.cpp", "openssl/evp.h"), ("task/b.cpp", "omp.h"), ("source/a.cpp", "zstd.h")):
            with self.subTest(header=header, name=name):
                self.write(f"src/{name}", f"#include <{header}>\n")
                self.assert_only(self.complaints(structure.includes), f"src/{name}:2:", "outside its room")
                (self.root / "src" / name).unlink()

    def test_a_vendor_header_in_quotes_is_found_too(self):
        self.write("src/run/a.cpp", '#include "mpi.h"\n')
        self.assert_only(self.complaints(structure.includes), "src/run/a.cpp:2:", "outside its room")

    def test_a_vendor_header_in_a_public_header_is_named(self):
        self.write("include/millrace/codec/parser.hpp", "#include <simdjson.h>\n")
        self.assert_only(self.complaints(structure.includes), "include/millrace/codec/parser.hpp:2:", "public header")

    def test_a_library_that_nobody_decided_on_is_named(self):
        self.write("src/run/a.cpp", "#include <rapidjson/document.h>\n")
        self.assert_only(self.complaints(structure.includes), "src/run/a.cpp:2:", "no room's table")

    def test_a_room_without_a_floor_is_named(self):
        self.write("src/util/a.cpp", "")
        self.assert_only(self.complaints(structure.includes), "src/util/a.cpp:1:", "no floor")

    def test_an_include_of_a_file_that_is_not_there_is_named(self):
        self.write("src/run/a.cpp", '#include "millrace/run/gone.hpp"\n')
        self.assert_only(self.complaints(structure.includes), "src/run/a.cpp:2:", "not there")

    def test_an_openmp_region_outside_its_helper_is_named_and_simd_is_not(self):
        self.write("src/kernel/a.cpp", "#pragma omp simd\n# pragma  omp parallel for simd\n")
        self.assert_only(self.complaints(structure.openmp), "src/kernel/a.cpp:3:", "OpenMP")

    def test_a_target_linked_to_a_floor_above_is_named(self):
        self.write("src/codec/CMakeLists.txt", "add_library(codec STATIC\n  row.cpp)\ntarget_link_libraries(codec\n"
                   "  PUBLIC frame\n  PRIVATE sink)\n")
        self.assert_only(self.complaints(structure.links), "src/codec/CMakeLists.txt:5:", "upward")

    def test_globbed_sources_are_named(self):
        self.write("src/codec/CMakeLists.txt", "file(GLOB sources *.cpp)\n")
        self.assert_only(self.complaints(structure.links), "src/codec/CMakeLists.txt:1:", "globbed")

    def test_a_file_without_the_licence_line_is_named(self):
        (self.root / "src").mkdir()
        (self.root / "src/main.cpp").write_text("int main() {}\n")
        self.assert_only(self.complaints(structure.licence), "src/main.cpp:1:")

    def test_a_file_beyond_its_budget_is_named_and_one_at_it_is_not(self):
        for name, budget in (("src/run/a.cpp", 400), ("include/millrace/run/a.hpp", 120), ("tests/run/a.cpp", 300)):
            with self.subTest(name=name):
                self.write(name, "\n" * (budget - 1))
                self.assertEqual(self.complaints(structure.file_lengths), [])
                self.write(name, "\n" * budget)
                self.assert_only(self.complaints(structure.file_lengths), f"{name}:{budget + 1}:", "budget")
                (self.root / name).unlink()

    @unittest.skipUnless(structure.ctags_program(), "needs universal-ctags")
    def test_a_function_beyond_its_budget_is_named(self):
        self.write("src/run/a.cpp", "int brief() {\n" + "\n" * 78 + "}\nint lengthy() {\n" + "\n" * 79 + "}\n")
        self.assert_only(self.complaints(structure.functions), "src/run/a.cpp:82:", "lengthy has 81 lines")

    @unittest.skipUnless(structure.ctags_program(), "needs universal-ctags")
    def test_a_fifth_parameter_is_named(self):
        self.write("src/run/a.cpp", "int f(int a, int b, int c, int d, int e) { return a; }\n")
        self.assert_only(self.complaints(structure.functions), "src/run/a.cpp:2:", "parameters")

    def test_commas_inside_a_parameter_do_not_count(self):
        self.assertEqual(structure.parameter_count("(std::map<int, std::pair<int, int>> a, F<void(int, int)> b) const"), 2)
        self.assertEqual(structure.parameter_count("()"), 0)

    def test_functions_that_are_lengthy_on_the_whole_are_complained_of(self):
        self.assertEqual(structure.length_spread([5] * 89 + [31] * 9), [])
        self.assertEqual(len(structure.length_spread([9] * 30)), 1)
        self.assertEqual(len(structure.length_spread([5] * 80 + [31] * 20)), 1)

    def test_a_header_that_does_not_compile_alone_is_named(self):
        self.write("include/millrace/run/report.hpp", "#pragma once\nstd::string text();\n")
        self.assert_only(self.complaints(structure.headers_alone, COMPILER), "include/millrace/run/report.hpp:1:", "alone")

    def test_a_header_without_a_guard_does_not_compile_alone(self):
        self.write("include/millrace/run/report.hpp", "struct Report {};\n")
        self.assert_only(self.complaints(structure.headers_alone, COMPILER), "include/millrace/run/report.hpp:1:", "alone")


if __name__ == "__main__":
    unittest.main()
