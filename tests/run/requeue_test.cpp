// SPDX-License-Identifier: Apache-2.0
// Quarantined rows that are put back through a mended project.
#include "millrace/run/requeue.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "millrace/base/files.hpp"
#include "millrace/sink/quarantine.hpp"
#include "run/sample_project.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct DirtyRun {
  TestFolder folder;
  Project project;

  explicit DirtyRun(
      const std::string& name, const std::string& source = "jsonl",
      const std::string& rows =
          "{\"x\":1,\"n\":1}\n{\"x\":NaN,\"n\":2}\nrubbish\n{\"x\":3,\"n\":3}\n{\"x\":1e999,\"n\":4}\n",
      std::vector<PartChoice> chain = {})
      : folder(name) {
    std::ofstream(folder.path / "in") << rows;
    project.source =
        source_choice(source, {{"path", std::vector<std::string>{(folder.path / "in").string()}}});
    project.schema = Schema{{{.name = "x"}, {.name = "n", .type = Type::int64}}};
    project.sink = sink_choice("hdf5", {{"path", (folder.path / "out").string()}});
    project.chain = std::move(chain);
    project.buffering_factor = 2;
    project.text = "{\"is\":\"the first\"}";
    BOOST_REQUIRE(run_loopback(project, 1).code == ExitCode::done);
  }

  Project mended() const {
    auto other = project;
    auto values = project.source.options.values();
    values["non_finite"] = std::string("missing");
    other.source.options = Options({}, std::move(values));
    other.text = "{\"is\":\"mended\"}";
    return other;
  }
  std::unique_ptr<OutputReader> reader() const { return OutputReader::open((folder.path / "out").string()); }
  RunOutcome requeue(const Project& by, const RunSettings& settings = {}) const {
    return run_in_one_process(prepare_requeue(*reader(), by), settings);
  }
  std::vector<std::int64_t> numbers() const {
    const auto frame = reader()->rows(0, 100);
    return {frame.columns[1].i64.begin(), frame.columns[1].i64.end()};
  }
  std::string refusal(const Project& by) const {
    try {
      requeue(by);
    } catch (const Error& error) {
      BOOST_CHECK(error.code() == ExitCode::project_refused);
      return error.what();
    }
    return "";
  }
};

using Numbers = std::vector<std::int64_t>;

}  // namespace

BOOST_AUTO_TEST_CASE(rows_that_the_mended_project_takes_come_behind_and_the_others_are_refused_once_more) {
  const DirtyRun run("requeue");
  const auto outcome = run.requeue(run.mended());
  BOOST_CHECK(outcome.code == ExitCode::done);
  BOOST_TEST(run.numbers() == (Numbers{1, 3, 2, 4}), boost::test_tools::per_element());
  BOOST_TEST(outcome.report.rows_in_run == 3u);
  BOOST_TEST(outcome.report.totals.rows_requeued == 3u);
  BOOST_TEST(outcome.report.totals.rows_quarantined() == 1u);
  BOOST_TEST(run.reader()->verify().empty());
  const auto state = run.reader()->state();
  BOOST_TEST(state.finished);
  QuarantinedRow row;
  const auto rest =
      read_quarantine((run.folder.path / "out").string(), range_to_requeue(state, run.mended().text));
  BOOST_REQUIRE(rest->next(row));
  BOOST_TEST(row.bytes == "rubbish");
  BOOST_TEST(row.source == (run.folder.path / "in").string() + ":3");
  BOOST_TEST(row.input_row == 2u);
  BOOST_TEST(!rest->next(row));
}

BOOST_AUTO_TEST_CASE(each_row_is_put_back_once_a_call_and_strict_says_what_is_left) {
  const DirtyRun run("once");
  RunSettings strict;
  strict.strict = true;
  BOOST_CHECK(run.requeue(run.mended(), strict).code == ExitCode::rows_quarantined);
  const auto again = run.requeue(run.mended(), strict);
  BOOST_CHECK(again.code == ExitCode::rows_quarantined);
  BOOST_TEST(again.report.rows_in_run == 1u);
  BOOST_TEST(run.numbers() == (Numbers{1, 3, 2, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_run_behind_it_takes_new_input_only_and_the_limit_counts_what_is_in_quarantine) {
  DirtyRun run("more");
  run.requeue(run.mended());
  BOOST_CHECK(run_loopback(run.project, 1).report.rows_in_run == 0u);
  const auto more = (run.folder.path / "more").string();
  std::ofstream(more) << "{\"x\":9,\"n\":9}\n";
  auto values = run.project.source.options.values();
  values["path"] = std::vector<std::string>{(run.folder.path / "in").string(), more};
  run.project.source.options = Options({}, std::move(values));
  run.project.max_rejects = 1;
  const auto outcome = run_loopback(run.project, 1);
  BOOST_CHECK(outcome.code == ExitCode::done);
  BOOST_TEST(outcome.report.rows_in_run == 1u);
  BOOST_TEST(run.numbers() == (Numbers{1, 3, 2, 4, 9}), boost::test_tools::per_element());
  BOOST_TEST(run.reader()->verify().empty());
}

BOOST_AUTO_TEST_CASE(a_requeue_with_nothing_to_take_changes_nothing) {
  const DirtyRun run("nothing", "jsonl", "{\"x\":1,\"n\":1}\n");
  const auto before = read_file(run.folder.path / "out" / "manifest");
  const auto outcome = run.requeue(run.mended());
  BOOST_CHECK(outcome.code == ExitCode::done);
  BOOST_TEST(outcome.report.rows_in_run == 0u);
  BOOST_TEST((read_file(run.folder.path / "out" / "manifest") == before));
}

BOOST_AUTO_TEST_CASE(the_input_may_be_gone_and_its_header_line_is_still_known) {
  const DirtyRun run("gone", "csv", "\"n\",x\n1,1\n2,NaN\n3,y\n");
  std::filesystem::remove(run.folder.path / "in");
  BOOST_CHECK(run.requeue(run.mended()).code == ExitCode::done);
  BOOST_TEST(run.numbers() == (Numbers{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_wider_type_is_taken_where_it_leads_to_the_same_columns) {
  const std::string rows = "{\"x\":1,\"n\":1}\n{\"x\":2,\"n\":1.5}\n";
  const DirtyRun scaled("scaled", "jsonl", rows, {task_choice("min_max_scaler")});
  auto other = scaled.project;
  other.schema->columns[1].type = Type::float64;
  BOOST_CHECK(scaled.requeue(other).code == ExitCode::done);
  BOOST_TEST(scaled.reader()->state().totals.rows_out == 2u);
  const DirtyRun plain("plain", "jsonl", rows);
  other = plain.project;
  other.schema->columns[1].type = Type::float64;
  BOOST_TEST(plain.refusal(other).find("result column 2: stored n int64, now n float64") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_project_that_made_the_output_is_the_default) {
  const DirtyRun run("default");
  const auto file = (run.folder.path / "project.json").string();
  std::ofstream(file) << "{\"source\":{\"jsonl\":{\"path\":\"" << (run.folder.path / "in").string()
                      << "\"}},\"buffering_factor\":3,\"sink\":{\"csv\":{\"path\":\""
                      << (run.folder.path / "out.csv").string() << "\"}}}";
  const auto project = load_project(file, {}, build_catalogs());
  BOOST_REQUIRE(run_loopback(project, 1).code == ExitCode::done);
  std::filesystem::create_directory(run.folder.path / "moved");
  for (const auto* suffix : {"", ".manifest", ".rejects.jsonl"})
    std::filesystem::rename(run.folder.path / (std::string("out.csv") + suffix),
                            run.folder.path / "moved" / (std::string("out.csv") + suffix));
  const auto output = OutputReader::open((run.folder.path / "moved" / "out.csv").string());
  const auto stored = stored_project(*output, {"source.jsonl.non_finite=missing"});
  BOOST_TEST(stored.buffering_factor == 3);
  BOOST_TEST(stored.sink.options.text("path") == output->path());
  const auto outcome = run_in_one_process(prepare_requeue(*output, stored), {});
  BOOST_TEST(outcome.report.totals.rows_requeued == 3u);
  BOOST_TEST(outcome.report.totals.rows_quarantined() == 1u);
}

BOOST_AUTO_TEST_CASE(what_may_not_differ_is_named_all_at_once) {
  const DirtyRun run("differs");
  auto other = run.mended();
  other.source = source_choice("csv", {{"path", std::vector<std::string>{"in"}}});
  other.sink = sink_choice("hdf5", {{"path", std::string("elsewhere")}, {"source_row", true}});
  other.schema->columns.pop_back();
  const auto said = run.refusal(other);
  for (const auto* part :
       {"source: the rows are of jsonl, now csv", "sink.hdf5.path: ", "elsewhere",
        "source_row: stored false, now true", "result column 2: stored n int64, now nothing"})
    BOOST_TEST(said.find(part) != std::string::npos, part << " in " << said);
  other = run.mended();
  other.sink = sink_choice("jsonl", {{"path", (run.folder.path / "out").string()}});
  BOOST_TEST(run.refusal(other).find("sink: stored hdf5, now jsonl") != std::string::npos);
  BOOST_TEST(run.numbers() == (Numbers{1, 3}), boost::test_tools::per_element());
}
