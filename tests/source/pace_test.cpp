// SPDX-License-Identifier: Apache-2.0
#include "millrace/source/pace.hpp"

#include "source/contract.hpp"
#include "source/input_folder.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct SetClock : Clock {
  double now = 1000;
  double now_s() const override { return now; }
  double unix_s() const override { return now; }
};

const Schema times{{{"t", Type::time, "s"}, {"a", Type::float64}}};

std::string row_at(const std::string& time) {
  return "{\"t\":\"2024-05-01T00:" + time + "Z\"}\n";
}

class Replay {
 public:
  Replay(const std::string& text, const PaceSettings& settings)
      : source_(make_paced_source(files("jsonl", {folder_.write("a", text)}), settings, clock_)) {}

  // Rows handed out when the clock stands at `second` of the replay.
  std::size_t rows_at(double second) {
    clock_.now = 1000 + second;
    std::size_t count = 0;
    do {
      source_->read(3, rows_);
      count += rows_.size();
      if (!rows_.empty()) last_scheduled_s_ = rows_.back().scheduled_s;
    } while (!rows_.empty());
    return count;
  }
  Source& source() { return *source_; }
  double last_scheduled_s() const { return last_scheduled_s_; }

 private:
  InputFolder folder_;
  SetClock clock_;
  std::unique_ptr<Source> source_;
  std::vector<SourceRow> rows_;
  double last_scheduled_s_ = 0;
};

std::string plain_rows(int count) {
  std::string text;
  for (int row = 0; row < count; ++row) text += "{}\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_arrival_rate_hands_out_so_many_rows_a_second) {
  Replay replay(plain_rows(5000), {.arrival_rate = 100});
  BOOST_TEST(replay.rows_at(0) == 1u);
  BOOST_TEST(replay.rows_at(0.005) == 0u);
  BOOST_TEST(replay.rows_at(0.995) == 99u);
  BOOST_TEST(replay.last_scheduled_s() == 0.99);
  BOOST_TEST(!replay.source().finished());
  BOOST_TEST(replay.rows_at(1000) == 4900u);
  BOOST_TEST(replay.source().finished());
}

BOOST_AUTO_TEST_CASE(a_speed_hands_out_rows_by_their_own_times) {
  Replay replay(row_at("00:00") + row_at("00:00") + row_at("01:00") + row_at("03:00"),
                {.speed = 60, .schema = times, .time_column = "t"});
  BOOST_TEST(replay.rows_at(0) == 2u);
  BOOST_TEST(replay.rows_at(0.99) == 0u);
  BOOST_TEST(replay.rows_at(1.01) == 1u);
  BOOST_TEST(replay.rows_at(2.99) == 0u);
  BOOST_TEST(replay.rows_at(3.01) == 1u);
  BOOST_TEST(replay.source().finished());
}

BOOST_AUTO_TEST_CASE(rows_without_a_time_or_with_an_earlier_one_come_with_the_row_before) {
  Replay replay("{}\n" + row_at("00:10") + "{\"a\":1}\n" + row_at("00:05") + "not json\n" + row_at("00:11"),
                {.speed = 1, .schema = times, .time_column = "t"});
  BOOST_TEST(replay.rows_at(0) == 5u);
  BOOST_TEST(replay.rows_at(1.01) == 1u);
}

BOOST_AUTO_TEST_CASE(the_schedules_clock_stands_where_the_last_read_was) {
  Replay replay(plain_rows(10), {.arrival_rate = 1});
  replay.rows_at(0);
  replay.rows_at(2.5);
  BOOST_TEST(replay.source().scheduled_now_s() == 2.5);
}

BOOST_AUTO_TEST_CASE(a_resumed_replay_starts_at_once_and_keeps_its_spacing) {
  Replay replay(plain_rows(10), {.arrival_rate = 1});
  replay.source().resume({0, 12, 4, 4});
  BOOST_TEST(replay.rows_at(0) == 1u);
  BOOST_TEST(replay.last_scheduled_s() == 4.0);
  BOOST_TEST(replay.rows_at(0.9) == 0u);
  BOOST_TEST(replay.rows_at(1.1) == 1u);
}

BOOST_AUTO_TEST_CASE(a_paced_source_keeps_the_contract_while_time_goes_on) {
  struct RunningClock : Clock {
    mutable double now = 0;
    double now_s() const override { return now += 0.25; }
    double unix_s() const override { return now; }
  };
  static const RunningClock clock;
  const InputFolder folder;
  const auto path = folder.write("a", plain_rows(3000));
  check_contract([&] { return make_paced_source(files("jsonl", {path}), {.arrival_rate = 100}, clock); },
                 std::vector<std::string>(3000, "{}"));
}
