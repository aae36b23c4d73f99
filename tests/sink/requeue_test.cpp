// SPDX-License-Identifier: Apache-2.0
// What a requeue leaves in an output: the contract of Output::begin_requeue().
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "millrace/sink/quarantine.hpp"
#include "sink/fixture.hpp"
#include "sink/requeue_stages.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

using Texts = std::vector<std::string>;
const Texts keeping_sinks{"hdf5", "csv", "jsonl"};

RequeueHeader requeue_header(const std::string& project = "{}") {
  return {project, "fillna_zeros", every_type(), {"prepare", "fillna_zeros"}};
}

// The rows of quarantine lines [first, first + rows) as one message; one of them is refused again.
SinkMessage requeued(std::uint64_t sequence, std::uint64_t first, std::uint64_t rows) {
  auto message = message_of(sequence, 1000 + first, {.rows = rows - 1, .rejects = 1});
  message.behind = {0, 10 * (first + rows), first + rows, 0};
  for (std::uint64_t row = 0; row < rows; ++row) message.input_rows.push_back(500 + row);
  return message;
}

OutputState state_of(const fs::path& path) {
  return OutputReader::open(path.string())->state();
}

bool is_clean(const fs::path& path) {
  const auto lines = OutputReader::open(path.string())->verify();
  for (const auto& line : lines) BOOST_TEST_MESSAGE(line);
  return lines.empty();
}

std::string refusal(const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    BOOST_CHECK(error.code() == ExitCode::project_refused);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_DATA_TEST_CASE(rows_that_are_put_back_come_behind_and_leave_the_input_where_it_was,
                     data::make(keeping_sinks) * data::make({false, true}), sink, finished) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  {
    const auto output = Output::open(settings);
    output->begin(header_of_every_type(), one_part());
    for (std::uint64_t sequence = 0; sequence < 6; ++sequence)
      output->write(message_of(sequence, sequence * 10));
    output->commit(finished);
  }
  {
    const auto output = Output::open(settings);
    output->begin_requeue(requeue_header());
    output->write(requeued(6, 0, 3));
    output->commit(false);
    output->write(requeued(7, 3, 3));
    output->commit(true);
  }
  const auto state = state_of(folder / "out");
  BOOST_TEST(state.next_sequence == 8u);
  BOOST_TEST((state.position == message_of(5, 0).behind));
  BOOST_TEST((state.parts == one_part()));
  BOOST_TEST(state.finished == finished);
  BOOST_TEST(state.requeued_bytes == 60u);
  BOOST_TEST(state.totals.rows_requeued == 6u);
  BOOST_TEST(state.totals.rows_rejected == 8u);
  BOOST_TEST(state.totals.rows_quarantined() == 2u);
  BOOST_TEST(is_clean(folder / "out"));
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  auto next = message_of(8, 60);
  next.behind = message_of(6, 60).behind;
  output->write(next);
  output->commit(false);
  BOOST_TEST((state_of(folder / "out").position == next.behind));
  BOOST_TEST(state_of(folder / "out").requeued_bytes == 60u);
  BOOST_TEST(is_clean(folder / "out"));
}

BOOST_AUTO_TEST_CASE(the_index_of_a_row_in_the_input_is_its_own_before_behind_and_in_a_requeue) {
  const TemporaryFolder folder;
  const auto settings = settings_of("hdf5", folder / "out", {{"source_row", true}});
  run_messages(settings, 2);
  {
    const auto output = Output::open(settings);
    output->begin_requeue(requeue_header());
    output->write(requeued(2, 0, 3));
    output->commit(false);
  }
  {
    const auto output = Output::open(settings);
    output->begin(header_of_every_type(), one_part());
    output->write(message_of(3, 20));
    output->commit(true);
  }
  const auto frame = OutputReader::open((folder / "out").string())->rows(18, 5);
  const auto& indices = frame.columns.back().i64;
  // The last two of 22 rows in, two that were put back, the first good one behind.
  BOOST_TEST(std::vector<std::int64_t>(indices.begin(), indices.end()) ==
                 (std::vector<std::int64_t>{20, 21, 501, 502, 23}),
             boost::test_tools::per_element());
  QuarantinedRow row;
  const auto reader = read_quarantine((folder / "out").string(), {0, state_of(folder / "out").reject_bytes});
  std::vector<std::uint64_t> places;
  while (reader->next(row)) places.push_back(row.input_row);
  BOOST_TEST(places == (std::vector<std::uint64_t>{0, 11, 500, 22}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_requeue_that_was_stopped_takes_what_it_would_have_taken_and_another_takes_all) {
  OutputState state;
  state.reject_bytes = 100;
  BOOST_TEST((range_to_requeue(state, "a") == QuarantineRange{0, 100}));
  state.requeues = {{"a", 100}};
  state.requeued_bytes = 40;
  state.reject_bytes = 130;  // some were refused again
  BOOST_TEST((range_to_requeue(state, "a") == QuarantineRange{40, 100}));
  BOOST_TEST((range_to_requeue(state, "b") == QuarantineRange{40, 130}));
  state.requeued_bytes = 100;
  BOOST_TEST((range_to_requeue(state, "a") == QuarantineRange{100, 130}));
  state.requeued_bytes = 130;
  BOOST_TEST((range_to_requeue(state, "a") == QuarantineRange{130, 130}));
}

BOOST_AUTO_TEST_CASE(each_requeue_has_a_number_that_its_messages_bear_and_one_that_goes_on_keeps_it) {
  const TemporaryFolder folder;
  const auto settings = settings_of("hdf5", folder / "out");
  run_messages(settings, 6);
  for (std::uint64_t call = 0; call < 4; ++call) {
    const auto output = Output::open(settings);
    output->begin_requeue(requeue_header(call < 2 ? "{\"a\":1}" : "{\"b\":1}"));
    output->write(requeued(6 + call, call, 1));
    output->commit(false);
  }
  const auto state = state_of(folder / "out");
  BOOST_REQUIRE(state.requeues.size() == 2u);
  BOOST_TEST(state.requeues[1].project == "{\"b\":1}");
  BOOST_TEST(is_clean(folder / "out"));
}

BOOST_DATA_TEST_CASE(a_checkpoint_keeps_how_far_the_requeues_got, data::make({"csv", "jsonl"}), sink) {
  const TemporaryFolder folder;
  const auto settings = settings_of(sink, folder / "out");
  run_messages(settings, 3);
  {
    const auto output = Output::open(settings);
    output->begin_requeue(requeue_header("{\"long\":1}"));
    for (std::uint64_t message = 0; message < 1100; ++message) {
      output->write(requeued(3 + message, message, 1));
      output->commit(false);
    }
  }
  const auto state = state_of(folder / "out");
  BOOST_TEST(state.requeued_bytes == 11000u);
  BOOST_TEST(state.totals.rows_requeued == 1100u);
  BOOST_REQUIRE(state.requeues.size() == 1u);
  BOOST_TEST(state.requeues[0].project == "{\"long\":1}");
}

BOOST_DATA_TEST_CASE(what_a_requeue_may_not_change_is_named, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  run_messages(settings_of(sink, folder / "out"), 3);
  auto header = requeue_header();
  header.result_schema.columns[1].type = Type::int64;
  header.chain = "another";
  const auto before = state_of(folder / "out").requeues.size();
  const auto said = refusal([&] { Output::open(settings_of(sink, folder / "out"))->begin_requeue(header); });
  BOOST_TEST(contains(said, "result column 2: stored outTemp float64 in degree_C, now outTemp int64"));
  BOOST_TEST(!contains(said, "another"));
  BOOST_TEST(state_of(folder / "out").requeues.size() == before);
}

BOOST_AUTO_TEST_CASE(the_chain_stays_where_its_fits_are_kept) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "out", {{"keep_fits", true}}), 3);
  auto header = requeue_header();
  header.chain = "another";
  const auto said = refusal([&] {
    Output::open(settings_of("hdf5", folder / "out", {{"keep_fits", true}}))->begin_requeue(header);
  });
  BOOST_TEST(contains(said, "chain (with keep_fits): stored fillna_zeros, now another"));
  BOOST_TEST(contains(
      refusal([&] { Output::open(settings_of("hdf5", folder / "out"))->begin_requeue(requeue_header()); }),
      "keep_fits: stored true, now false"));
}

BOOST_AUTO_TEST_CASE(stages_of_another_chain_are_counted_by_their_names) {
  Texts all{"prepare", "abs", "clip", "abs"};
  const auto places = places_of_stages({"prepare", "abs", "abs", "abs", "sum"}, all);
  BOOST_TEST(places == (std::vector<std::size_t>{0, 1, 3, 4, 5}), boost::test_tools::per_element());
  BOOST_TEST(all == (Texts{"prepare", "abs", "clip", "abs", "abs", "sum"}), boost::test_tools::per_element());
  std::vector<StageCount> stages{{1, 10}, {2, 20}, {3, 30}, {4, 40}, {5, 50}};
  put_stages(places, stages);
  BOOST_REQUIRE(stages.size() == 6u);
  BOOST_TEST(stages[2].rows_dropped == 0u);
  BOOST_TEST(stages[3].rows_dropped == 30u);
  BOOST_TEST(stages[5].seconds == 5.0);
}

BOOST_AUTO_TEST_CASE(rows_dropped_by_a_task_that_is_new_add_up_with_those_before) {
  const TemporaryFolder folder;
  const auto settings = settings_of("hdf5", folder / "out");
  run_messages(settings, 3);
  const auto output = Output::open(settings);
  auto header = requeue_header();
  header.stages = {"prepare", "drop_duplicates"};
  output->begin_requeue(header);
  output->write(requeued(3, 0, 2));
  output->commit(false);
  BOOST_TEST(output->stages() == (Texts{"prepare", "fillna_zeros", "drop_duplicates"}),
             boost::test_tools::per_element());
  BOOST_TEST(output->totals().stages.at(1).rows_dropped == 3u);
  BOOST_TEST(output->totals().stages.at(2).rows_dropped == 1u);
}
