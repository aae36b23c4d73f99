// SPDX-License-Identifier: Apache-2.0
// What only the packets show: that small messages travel together.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "millrace/transport/transport.hpp"
#include "run/sample_project.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// Another transport that counts the packets of messages that it sends.
class CountingTransport final : public Transport {
 public:
  explicit CountingTransport(Transport& ranks) : ranks_(ranks) {}
  int rank() const override { return ranks_.rank(); }
  int size() const override { return ranks_.size(); }
  const std::string& host() const override { return ranks_.host(); }
  bool is_one_process() const override { return ranks_.is_one_process(); }
  void send(int to, Tag tag, Bytes bytes) override {
    packets_ += tag == Tag::message ? 1 : 0;
    ranks_.send(to, tag, std::move(bytes));
  }
  std::optional<Packet> receive() override { return ranks_.receive(); }
  void idle() override { ranks_.idle(); }
  bool is_moving() const override { return ranks_.is_moving(); }
  void wake() override { ranks_.wake(); }
  void flush() override { ranks_.flush(); }
  [[noreturn]] void abort(int exit_code) override {
    ranks_.abort(exit_code);
    std::abort();
  }
  std::uint64_t packets() const { return packets_; }

 private:
  Transport& ranks_;
  std::uint64_t packets_ = 0;
};

struct Counted {
  std::uint64_t packets, messages;
};

// By the worker of a run on one.
Counted counted_run(const Project& project) {
  auto ranks = make_loopback_transports(2);
  std::thread worker([&] { run_worker(*ranks[1]); });
  CountingTransport counting(*ranks[0]);
  const auto outcome = run_feeder(counting, prepare_run(project), {});
  worker.join();
  return {counting.packets(), outcome.report.ranks[1].messages};
}

Project one_row_a_message(const std::filesystem::path& folder, int rows) {
  std::ofstream in(folder / "in.jsonl");
  for (int row = 0; row < rows; ++row) in << "{\"x\":" << row << "}\n";
  auto project = weather_project(folder / "out", 0);
  project.source =
      source_choice("jsonl", {{"path", std::vector<std::string>{(folder / "in.jsonl").string()}}});
  project.chain = {task_choice("fillna_zeros")};
  project.buffering_factor = 1;
  return project;
}

}  // namespace

BOOST_AUTO_TEST_CASE(messages_of_one_row_travel_together) {
  const TestFolder folder("bundles");
  const auto counted = counted_run(one_row_a_message(folder.path, 50'000));
  BOOST_TEST(counted.messages > 1'000u);
  BOOST_TEST(counted.packets * 2 < counted.messages);
}

BOOST_AUTO_TEST_CASE(a_message_that_takes_a_worker_long_travels_alone) {
  const TestFolder folder("alone");
  auto project = weather_project(folder.path / "out", 20'000);
  for (int more = 0; more < 8; ++more) project.chain.push_back(task_choice("quantile_transformer_normal"));
  const auto counted = counted_run(project);
  BOOST_TEST(counted.messages > 0u);
  BOOST_TEST(counted.packets == counted.messages);
}
