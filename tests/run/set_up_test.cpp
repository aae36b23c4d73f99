// SPDX-License-Identifier: Apache-2.0
#include "run/set_up.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

using namespace millrace;

BOOST_AUTO_TEST_CASE(a_worker_receives_the_set_up_that_rank_0_sent) {
  SetUp set_up;
  set_up.input.columns = {{.name = "t", .type = Type::time, .unit = "ms", .role = Role::key},
                          {.name = "id", .type = Type::text, .encoding = TextEncoding::fixed, .width = 9}};
  set_up.decode = {RowFormat::csv, {"t", "id"}, ';', true, 99, {"NA", "-"}};
  set_up.chain = {{"a", Options({}, {{"flag", true}, {"k", std::int64_t{-3}}, {"x", 2.5}})},
                  {"b", Options({}, {{"names", std::vector<std::string>{"p", "q"}},
                                     {"range", std::vector<double>{0, 1}},
                                     {"norm", std::string("l2")},
                                     {"open", std::monostate{}}})}};
  set_up.threads = 4;
  set_up.keep_fits = true;
  set_up.intake_host = "node1";
  set_up.heartbeat_timeout_s = 2.5;
  set_up.parts = {{"rows.jsonl", 0, "", {7, 1000, -3}}, {"standard input", 0, "", {}}};
  const auto received = decode_set_up(encode(set_up));
  BOOST_CHECK(received.input == set_up.input);
  BOOST_TEST(received.decode.csv_columns == set_up.decode.csv_columns);
  BOOST_TEST(received.decode.csv_delimiter == ';');
  BOOST_TEST(received.decode.non_finite_is_missing);
  BOOST_TEST(received.decode.max_row_bytes == 99u);
  BOOST_TEST(received.decode.csv_missing == set_up.decode.csv_missing);
  BOOST_TEST(received.threads == 4);
  BOOST_TEST(received.keep_fits);
  BOOST_TEST(received.intake_host == "node1");
  BOOST_TEST(received.heartbeat_timeout_s == 2.5);
  BOOST_TEST((received.parts == set_up.parts));
  BOOST_TEST((received.parts.at(0).stamp == set_up.parts[0].stamp));
  BOOST_REQUIRE(received.chain.size() == 2u);
  BOOST_CHECK(received.chain[0].options.values() == set_up.chain[0].options.values());
  BOOST_CHECK(received.chain[1].options.values() == set_up.chain[1].options.values());
}

BOOST_AUTO_TEST_CASE(a_truncated_set_up_is_refused) {
  SetUp set_up;
  set_up.chain = {{"a", Options({}, {{"flag", true}})}};
  const auto bytes = encode(set_up);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    BOOST_CHECK_THROW(decode_set_up({bytes.data(), size}), std::out_of_range);
}

BOOST_AUTO_TEST_CASE(a_workers_last_words_arrive) {
  const auto report = decode_worker_report(encode(WorkerReport{3, "node7", 12, 1.5, 1u << 30}));
  BOOST_TEST(report.rank == 3);
  BOOST_TEST(report.host == "node7");
  BOOST_TEST(report.messages == 12u);
  BOOST_TEST(report.busy_s == 1.5);
  BOOST_TEST(report.peak_bytes == 1u << 30);
}
