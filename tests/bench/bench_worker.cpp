// SPDX-License-Identifier: Apache-2.0
// What a second thread brings to a worker: decode, chain and encoding of the same generated weather rows with
// one thread and with two, in turns, with no other work on the machine. The messages wait from the start, as
// they do for a worker that is the slowest part. One line a case: nanoseconds a row, the gain of the medians,
// and that of the best rounds.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "millrace/base/clock.hpp"
#include "millrace/source/weather_station.hpp"
#include "millrace/task/task.hpp"
#include "run/message_threads.hpp"

using namespace millrace;

namespace {

constexpr std::size_t all_rows = 200'000;
constexpr int rounds = 9;

std::vector<Bytes> messages_of(std::size_t rows_a_message) {
  WeatherStation station({.rows = all_rows});
  MessageBuilder builder;
  std::vector<Bytes> blocks;
  std::string text;
  for (std::size_t row = 0; row < all_rows; ++row) {
    text.clear();
    station.append_row(row, text);
    builder.add_row(std::string_view(text).substr(0, text.size() - 1));
    if (builder.rows() == rows_a_message) blocks.push_back(builder.finish(blocks.size()));
  }
  return blocks;
}

SetUp set_up_with(const std::vector<std::string>& chain, int threads) {
  SetUp set_up{WeatherStation({.rows = all_rows}).schema(), {}, {}, threads};
  for (const auto& name : chain) set_up.chain.push_back({name, Options(find_task(name)->part.options, {})});
  return set_up;
}

double ns_a_row(const SetUp& set_up, const std::vector<Bytes>& blocks) {
  BoundedQueue<Bytes> messages(blocks.size());
  MessageThreads threads(set_up, 1, messages, [](Bytes) {});
  for (const auto& block : blocks) messages.push(block);
  messages.close();
  const auto begin = system_clock().now_s();
  threads.run();
  return (system_clock().now_s() - begin) * 1e9 / all_rows;
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void compare(const char* name, const std::vector<std::string>& chain, std::size_t rows_a_message) {
  const auto blocks = messages_of(rows_a_message);
  const auto one = set_up_with(chain, 1), two = set_up_with(chain, 2);
  std::vector<double> ones, twos;
  for (int round = 0; round < rounds; ++round) {
    ones.push_back(ns_a_row(one, blocks));
    twos.push_back(ns_a_row(two, blocks));
  }
  std::printf("%-12s %6zu rows a message: 1 thread %6.1f ns/row, 2 threads %6.1f, gain %.2f (best %.2f)\n",
              name, rows_a_message, median(ones), median(twos), median(ones) / median(twos),
              *std::min_element(ones.begin(), ones.end()) / *std::min_element(twos.begin(), twos.end()));
}

}  // namespace

int main() {
  const std::vector<std::string> paper{"fillna_zeros", "normalizer", "drop_duplicates"};
  const std::vector<std::string> heavy{"fillna_mean", "drop_duplicates", "quantile_transformer_normal",
                                       "standard_scaler"};
  for (const std::size_t rows : {100u, 1'000u, 10'000u}) {
    compare("decode only", {}, rows);
    compare("the paper's", paper, rows);
    compare("quantiles", heavy, rows);
  }
}
