// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "config/project_file.hpp"

using namespace millrace;
using test::load_text;
using test::problems_of;

BOOST_AUTO_TEST_CASE(a_project_takes_the_defaults_of_the_tables) {
  const auto project = load_text(R"({"source": {"jsonl": {"path": "a"}}, "sink": {"hdf5": {"path": "b"}}})");
  BOOST_TEST(project.buffering_factor == 1000);
  BOOST_TEST(project.buffer_bytes == 64 << 20);
  BOOST_TEST(project.method == "multiprocessing");
  BOOST_TEST(project.chain.empty());
  BOOST_TEST(!project.schema);
  BOOST_TEST(project.max_rejects < 0);
  BOOST_TEST(project.source.options.text("non_finite") == "refuse");
  BOOST_TEST(project.sink.options.integer("segment_rows") == 1000000);
}

BOOST_AUTO_TEST_CASE(values_of_the_file_reach_the_project) {
  const auto project = load_text(R"({
    "description": "d", "infer_rows": 5, "buffering_factor": 1e2, "buffer_bytes": 4096, "buffer_timeout_s": 2,
    "speed": "2.5x", "method": "task_queue", "worker_count": 3, "threads_per_worker": 2, "max_rejects": 7,
    "source": {"csv": {"path": "a.csv", "header": false, "columns": ["x", "y"]}}, "sink": {"null": {}},
    "chain": ["fillna_zeros", {"task": "normalizer", "norm": "max", "levels": 3}]})");
  BOOST_TEST(project.description == "d");
  BOOST_TEST(project.infer_rows == 5);
  BOOST_TEST(project.buffering_factor == 100);
  BOOST_TEST(project.buffer_timeout_s == 2.0);
  BOOST_TEST(project.speed == 2.5);
  BOOST_TEST(project.worker_count == 3);
  BOOST_TEST(project.max_rejects == 7.0);
  BOOST_TEST(project.source.options.boolean("header") == false);
  BOOST_TEST(project.source.options.texts("path") == std::vector<std::string>{"a.csv"});
  BOOST_TEST(project.source.options.texts("columns").size() == 2u);
  BOOST_TEST_REQUIRE(project.chain.size() == 2u);
  BOOST_TEST(project.chain[0].name == "fillna_zeros");
  BOOST_TEST(project.chain[1].json_path == "chain[1]");
  BOOST_TEST(project.chain[1].options.text("norm") == "max");
  BOOST_TEST(project.chain[1].options.numbers("levels") == std::vector<double>{3.0});
}

BOOST_AUTO_TEST_CASE(all_problems_are_told_at_once_a_line_each) {
  const auto problems = problems_of(R"({"bufering_factor": 1, "source": {"jsonl": {}}, "chain": ["sort"]})");
  BOOST_TEST_REQUIRE(problems.size() == 4u);
  BOOST_TEST(problems[0] == "bufering_factor: unknown option; did you mean buffering_factor?");
  BOOST_TEST(problems[1].starts_with("source.jsonl.path: "));
  BOOST_TEST(problems[2].starts_with("sink: "));
  BOOST_TEST(problems[3].starts_with("chain[0]: unknown task"));
}

BOOST_AUTO_TEST_CASE(a_syntax_error_gives_line_and_column) {
  const auto problems = problems_of("{\n  \"source\": }\n");
  BOOST_TEST_REQUIRE(problems.size() == 1u);
  BOOST_TEST(problems[0].starts_with("line 2, column 13: "));
}

BOOST_AUTO_TEST_CASE(files_that_hold_no_json_object_are_refused) {
  BOOST_TEST(problems_of("").size() == 1u);
  BOOST_TEST(problems_of("null").size() == 1u);
  BOOST_TEST(problems_of("{} {}").size() == 1u);
  BOOST_TEST(problems_of("{\"a\": \"\xff\"}").size() == 1u);
  BOOST_TEST(problems_of("{\"a\": 1e999}").size() == 1u);
  BOOST_TEST(problems_of(std::string(100000, '[')) ==
             std::vector<std::string>{"nested deeper than 64 levels"});
}

BOOST_AUTO_TEST_CASE(a_file_that_is_missing_or_a_folder_is_refused_by_name) {
  for (const std::string path : {"no/such/project.json", "/"}) {
    BOOST_CHECK_EXCEPTION(load_project(path, {}, test::catalogs()), Error, [&](const Error& error) {
      return error.code() == ExitCode::project_refused && std::string(error.what()).starts_with(path + ": ");
    });
  }
}

BOOST_AUTO_TEST_CASE(the_normalised_text_is_the_same_for_files_that_mean_the_same) {
  const auto one =
      load_text(R"({"sink": {"null": {}}, "source": {"jsonl": {"path": "a"}}, "chain": ["normalizer"]})");
  const auto other = load_text(R"(// the same
    {"source": {"jsonl": {"non_finite": "refuse", "path": ["a"]}}, "sink": {"null": {}}, "buffering_factor": 1000.0,
     "chain": [{"norm": "l2", "task": "normalizer"}], "$schema": "x"})");
  BOOST_TEST(one.text == other.text);
  const auto third = load_text(R"({"sink": {"null": {}}, "source": {"jsonl": {"path": "a"}}})");
  BOOST_TEST(one.text != third.text);
}

BOOST_AUTO_TEST_CASE(the_normalised_text_is_a_project_file_that_means_the_same) {
  const auto project = load_text(R"({
    "description": "costs $${5}", "speed": "60x", "max_rejects": 0.25, "worker_count": 2,
    "schema": {"columns": [{"name": "t", "type": "time", "unit": "ms"}, {"name": "a", "role": "key", "type": "int64"}]},
    "source": {"csv": {"path": ["a", "b"]}}, "sink": {"hdf5": {"path": "x", "compression": "none"}},
    "chain": [{"task": "drop_duplicates", "subset": ["a", "t"]}]})");
  const auto again = load_text(project.text);
  BOOST_TEST(again.text == project.text);
  BOOST_TEST(again.description == "costs ${5}");
  BOOST_TEST(again.speed == 60.0);
  BOOST_TEST((again.schema == project.schema));
  BOOST_TEST(again.chain[0].options.texts("subset").size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_key_that_would_break_the_line_is_quoted_in_its_path) {
  const auto problems =
      problems_of(R"({"source": {"jsonl": {"path": "a", "x\ny": 1}}, "sink": {"null": {}}})");
  BOOST_TEST_REQUIRE(problems.size() == 1u);
  BOOST_TEST(problems[0].starts_with(R"(source.jsonl["x\ny"]: unknown option)"));
}
