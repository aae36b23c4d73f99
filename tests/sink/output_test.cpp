// SPDX-License-Identifier: Apache-2.0
// The contract of Output, on every sink.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "millrace/sink/planned_output.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

const std::vector<std::string> all_sinks{"hdf5", "csv", "jsonl", "mqtt", "null"};
const std::vector<std::string> keeping_sinks{"hdf5", "csv", "jsonl", "mqtt"};

std::string refusal(const std::function<void()>& step, ExitCode code = ExitCode::project_refused) {
  try {
    step();
  } catch (const Error& error) {
    BOOST_TEST(static_cast<int>(error.code()) == static_cast<int>(code));
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_DATA_TEST_CASE(totals_count_what_was_written, data::make(all_sinks), sink) {
  const TemporaryFolder folder;
  const auto output = Output::open(settings_of(sink, folder / "out"));
  BOOST_TEST(!output->found().has_value());
  output->begin(header_of_every_type(), one_part());
  for (std::uint64_t sequence = 0; sequence < 5; ++sequence)
    output->write(message_of(sequence, sequence * 10));
  BOOST_TEST(output->rows_committed() == 0u);
  output->commit(false);
  const auto& totals = output->totals();
  BOOST_TEST(totals.messages == 5u);
  BOOST_TEST(totals.rows_in == 55u);
  BOOST_TEST(totals.rows_out == 50u);
  BOOST_TEST(totals.rows_rejected == 5u);
  BOOST_TEST(totals.reject_reasons.at("decode: column outTemp: expected a number") == 5u);
  BOOST_TEST(totals.stages.at(1).seconds == 2.5);
  BOOST_TEST(totals.stages.at(1).rows_dropped == 5u);
  BOOST_TEST(output->rows_committed() == 50u);
}

BOOST_DATA_TEST_CASE(the_time_of_the_last_commit_is_that_of_its_last_write, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  SetClock clock;
  auto settings = settings_of(sink, folder / "out");
  settings.clock = &clock;
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  BOOST_TEST(!output->last_commit_s().has_value());
  clock.seconds = 7;
  output->write(message_of(0, 1));
  output->commit(false);
  clock.seconds = 8;
  output->commit(false);  // nothing to commit
  BOOST_TEST(output->last_commit_s().value() == 7.0);
}

BOOST_DATA_TEST_CASE(a_run_goes_on_behind_the_last_commit, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  {
    const auto output = Output::open(settings);
    output->begin(header_of_every_type(), one_part());
    for (std::uint64_t sequence = 0; sequence < 4; ++sequence)
      output->write(message_of(sequence, sequence * 10));
    output->commit(false);
    output->write(message_of(4, 40));  // and never commits it
  }
  const auto output = Output::open(settings);
  BOOST_REQUIRE(output->found().has_value());
  BOOST_TEST(output->found()->next_sequence == 4u);
  BOOST_TEST((output->found()->position == message_of(3, 30).behind));
  BOOST_TEST(output->found()->totals.rows_out == 40u);
  BOOST_TEST(!output->found()->finished);
  BOOST_TEST((output->found()->parts == one_part()));
  BOOST_TEST((output->found()->header.result_schema == every_type()));
  output->begin(header_of_every_type(), one_part());
  BOOST_TEST(output->totals().rows_out == 40u);
  output->write(message_of(4, 40));
  output->commit(true);
  BOOST_TEST(OutputReader::open((folder / "out").string())->state().finished);
  BOOST_TEST(OutputReader::open((folder / "out").string())->verify() == std::vector<std::string>{},
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(an_interrupted_run_leaves_the_same_text_as_one_that_was_not,
                     data::make({"csv", "jsonl"}), sink) {
  const TemporaryFolder folder;
  run_messages(settings_of(sink, folder / "whole"), 9);
  {
    const auto output = Output::open(settings_of(sink, folder / "parts"));
    output->begin(header_of_every_type(), one_part());
    for (std::uint64_t sequence = 0; sequence < 4; ++sequence)
      output->write(message_of(sequence, sequence * 10));
    output->commit(false);
    output->write(message_of(4, 40));
  }
  run_messages(settings_of(sink, folder / "parts"), 9);
  BOOST_TEST(text_of(folder / "whole") == text_of(folder / "parts"));
  BOOST_TEST(text_of(folder / "whole.rejects.jsonl") == text_of(folder / "parts.rejects.jsonl"));
}

BOOST_DATA_TEST_CASE(a_finished_output_says_so_and_takes_more_input, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  run_messages(settings, 4);
  auto output = Output::open(settings);
  BOOST_TEST(output->found()->finished);
  auto parts = one_part();
  parts.push_back({"new.jsonl", 5, "def"});
  output->begin(header_of_every_type(), parts);
  output->write(message_of(4, 40));
  output->commit(false);
  output.reset();
  output = Output::open(settings);
  BOOST_TEST(!output->found()->finished);
  BOOST_TEST((output->found()->parts == parts));
}

BOOST_DATA_TEST_CASE(a_second_run_is_kept_out_with_the_holders_process_id, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const auto first = Output::open(settings_of(sink, folder / "out"));
  const auto text = refusal([&] { Output::open(settings_of(sink, folder / "out")); });
  BOOST_TEST(contains(text, std::to_string(::getpid())));
}

BOOST_DATA_TEST_CASE(the_memory_bound_of_a_new_output_is_known_before_it_is_there, data::make(all_sinks),
                     sink) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  const auto bound = sink_memory_bound(sink, settings.options, every_type());
  BOOST_TEST(fs::is_empty(folder.path()));
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  BOOST_TEST(output->memory_bound() == bound);
}

BOOST_AUTO_TEST_CASE(the_column_source_row_takes_memory_too) {
  const auto bound = [](bool source_row) {
    const auto options = settings_of("hdf5", "out", {{"source_row", source_row}}).options;
    return sink_memory_bound("hdf5", options, every_type());
  };
  BOOST_TEST(bound(true) > bound(false));
}

BOOST_AUTO_TEST_CASE(results_that_the_sink_cannot_hold_are_refused_before_it_is_there) {
  const auto settings = settings_of("hdf5", "out", {{"source_row", true}});
  const auto bound = [&](const Schema& results) {
    return refusal([&] { sink_memory_bound("hdf5", settings.options, results); });
  };
  BOOST_TEST(contains(bound({}), "no columns to store"));
  BOOST_TEST(contains(bound({{{.name = "source_row"}}}), "column of its own called source_row"));
}

BOOST_DATA_TEST_CASE(another_project_is_refused_with_the_difference_named, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  run_messages(settings, 4);
  auto header = header_of_every_type();
  header.identity["chain"] = "abs";
  header.identity.erase("buffering");
  header.result_schema.columns[2].type = Type::float64;
  const auto text = refusal([&] { Output::open(settings)->begin(header, {{"in.jsonl", 1001, "abd"}}); });
  BOOST_TEST(contains(text, "chain: stored fillna_zeros, now abs"));
  BOOST_TEST(contains(text, "buffering: stored k=10, now nothing"));
  BOOST_TEST(contains(text, "stored count int64, now count float64"));
  BOOST_TEST(contains(text, "in.jsonl: changed; stored 1000 bytes, hash abc, now 1001 bytes, hash abd"));
  BOOST_TEST(contains(text, "--overwrite starts anew"));
  BOOST_TEST(
      contains(refusal([&] { Output::open(settings)->begin(header_of_every_type(), {}); }), "now gone"));
  run_messages(settings, 4);  // and the output is as it was
}

BOOST_DATA_TEST_CASE(overwrite_removes_what_is_ours_and_nothing_else, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  auto settings = settings_of(sink, folder / "out");
  run_messages(settings, 4);
  const auto foreign = sink == "hdf5" ? folder / "out" / "mine.txt" : folder / "mine.txt";
  replace_file(foreign, "mine");
  settings.overwrite = true;
  const auto output = Output::open(settings);
  BOOST_TEST(!output->found().has_value());
  BOOST_TEST(text_of(foreign) == "mine");
  BOOST_TEST(!fs::exists(folder / "out.rejects.jsonl"));
  BOOST_TEST(!fs::exists(folder / "out" / "results.h5"));
  output->begin(header_of_every_type(), one_part());
  BOOST_TEST(output->totals().messages == 0u);
}

BOOST_DATA_TEST_CASE(an_output_of_another_version_is_refused_and_can_be_begun_anew, data::make(keeping_sinks),
                     sink) {
  const TemporaryFolder folder;
  auto settings = settings_of(sink, folder / "out");
  run_messages(settings, 4);
  const auto manifest = sink == "hdf5" ? folder / "out" / "manifest" : folder / "out.manifest";
  for (const auto* begin : {"millrace manifest 2\n", "thesis"}) {
    replace_file(manifest, begin);
    settings.overwrite = false;
    BOOST_TEST(!refusal([&] { Output::open(settings); }).empty());
    settings.overwrite = true;
    const auto is_ours = std::string(begin) != "thesis";
    BOOST_TEST(refusal([&] { Output::open(settings); }).empty() == is_ours);
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_not_ours_are_in_the_way) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out");
  replace_file(folder / "out" / "thesis.txt", "years");
  replace_file(folder / "out.csv", "a,b\n");
  for (const bool overwrite : {false, true}) {
    auto hdf5 = settings_of("hdf5", folder / "out"), csv = settings_of("csv", folder / "out.csv");
    hdf5.overwrite = csv.overwrite = overwrite;
    BOOST_TEST(contains(refusal([&] { Output::open(hdf5); }), "thesis.txt"));
    BOOST_TEST(contains(refusal([&] { Output::open(csv); }), "out.csv"));
  }
  BOOST_TEST(contains(refusal([&] { Output::open(settings_of("csv", folder / "out")); }), "is a folder"));
  BOOST_TEST(contains(refusal([&] { Output::open(settings_of("hdf5", folder / "out.csv")); }), "is a file"));
  BOOST_TEST(!fs::exists(folder / "out" / "lock"));
}

BOOST_DATA_TEST_CASE(a_commit_comes_by_itself_after_rows_and_after_seconds, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  SetClock clock;
  const std::string of = sink == "hdf5" ? "segment_" : "commit_";
  auto settings =
      settings_of(sink, folder / "out", {{of + "rows", std::int64_t{25}}, {of + "seconds", 60.0}});
  settings.clock = &clock;
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  for (std::uint64_t sequence = 0; sequence < 3; ++sequence) {
    BOOST_TEST(output->rows_committed() == 0u);
    output->write(message_of(sequence, sequence * 10));
  }
  BOOST_TEST(output->rows_committed() == 30u);
  clock.seconds = 100;
  output->write(message_of(3, 30));
  clock.seconds = 159;
  output->tick();
  BOOST_TEST(output->rows_committed() == 30u);
  clock.seconds = 160;
  output->tick();
  BOOST_TEST(output->rows_committed() == 40u);
}

BOOST_AUTO_TEST_CASE(refused_rows_stand_in_the_quarantine_file_as_they_came) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out"), 1, 1, {.rows = 2, .rejects = 2});
  BOOST_TEST(
      text_of(folder / "out.rejects.jsonl") ==
      "{\"reason\":\"decode: column outTemp: expected a number, found \\\"x\\\"\",\"source\":\"in.jsonl:0\","
      "\"input_row\":0,\"row\":\"{\\\"a\\\":1}\"}\n"
      "{\"reason\":\"decode: column outTemp: expected a number, found \\\"x\\\"\",\"source\":\"in.jsonl:0\","
      "\"input_row\":1,\"row_base64\":\"/3s=\"}\n");
}

BOOST_AUTO_TEST_CASE(no_quarantine_file_without_refused_rows) {
  const TemporaryFolder folder;
  run_messages(settings_of("csv", folder / "out"), 3, 1, {.rows = 2, .rejects = 0});
  BOOST_TEST(!fs::exists(folder / "out.rejects.jsonl"));
}

BOOST_AUTO_TEST_CASE(tmpfs_is_warned_of_by_name) {
  if (!fs::is_directory("/dev/shm")) {
    BOOST_TEST_MESSAGE("skipped: no /dev/shm here");
    return;
  }
  const LogLines log;
  const auto path = "/dev/shm/millrace-sink-" + std::to_string(::getpid());
  { const auto output = Output::open(settings_of("csv", path)); }
  for (const char* suffix : {"", ".manifest", ".lock"}) fs::remove(path + suffix);
  BOOST_TEST(log.has("tmpfs"));
}

BOOST_DATA_TEST_CASE(a_gap_in_the_sequence_is_our_bug, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const auto output = Output::open(settings_of(sink, folder / "out"));
  BOOST_CHECK_THROW(output->write(message_of(0, 0)), std::logic_error);
  output->begin(header_of_every_type(), one_part());
  BOOST_CHECK_THROW(output->write(message_of(1, 0)), std::logic_error);
}
