// SPDX-License-Identifier: Apache-2.0
// Small segments become large ones, and nothing that grows with time is paid for by a commit.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdlib>
#include <numeric>

#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"
#include "sink/merge_policy.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

struct Merged {
  std::size_t most_segments = 0;
  double written_per_row = 0;  // rows written by merges
  std::uint64_t largest = 0;
};

Merged simulate(const std::vector<std::uint64_t>& commits, std::uint64_t segment_rows) {
  Merged result;
  std::vector<std::uint64_t> sizes;
  double written = 0;
  for (const auto rows : commits) {
    sizes.push_back(rows);
    for (auto range = segments_to_merge(sizes, segment_rows); range.count > 0;
         range = segments_to_merge(sizes, segment_rows)) {
      const auto first = sizes.begin() + static_cast<std::ptrdiff_t>(range.first);
      const auto sum =
          std::accumulate(first, first + static_cast<std::ptrdiff_t>(range.count), std::uint64_t{0});
      written += static_cast<double>(sum);
      *first = sum;
      sizes.erase(first + 1, first + static_cast<std::ptrdiff_t>(range.count));
      result.largest = std::max(result.largest, sum);
    }
    result.most_segments = std::max(result.most_segments, sizes.size());
  }
  result.written_per_row =
      written / static_cast<double>(std::accumulate(commits.begin(), commits.end(), std::uint64_t{0}));
  return result;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_year_of_single_rows_leaves_few_segments) {
  const auto merged = simulate(std::vector<std::uint64_t>(525'600, 1), 1'000'000);
  BOOST_TEST(merged.most_segments <= 80u);
  BOOST_TEST(merged.written_per_row <= 5);
}

BOOST_AUTO_TEST_CASE(merged_segments_never_exceed_segment_rows) {
  BOOST_TEST(simulate(std::vector<std::uint64_t>(5000, 70), 1000).largest <= 1000u);
  BOOST_TEST(simulate(std::vector<std::uint64_t>(300, 600'000), 1'000'000).largest == 0u);  // two do not fit
}

BOOST_AUTO_TEST_CASE(uneven_commits_stay_few_and_cheap) {
  std::vector<std::uint64_t> alternating, growing, random;
  std::uint64_t seed = 1;
  for (std::uint64_t commit = 0; commit < 20'000; ++commit) {
    alternating.push_back(commit % 2 == 0 ? 1 : 20);
    growing.push_back(1 + commit / 100);
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    random.push_back(1 + (seed >> 33) % (1u << (seed >> 60)));
  }
  for (const auto& commits : {alternating, growing, random}) {
    const auto merged = simulate(commits, 100'000);
    const auto rows = std::accumulate(commits.begin(), commits.end(), std::uint64_t{0});
    BOOST_TEST(merged.most_segments <= 100 + rows / 50'000);  // full ones are at least half full
    BOOST_TEST(merged.written_per_row <= 8);
  }
}

BOOST_AUTO_TEST_CASE(merging_changes_neither_rows_nor_messages) {
  const TemporaryFolder folder;
  run_messages(settings_of("hdf5", folder / "small"), 300, 1, {.rows = 3});
  run_messages(settings_of("hdf5", folder / "one"), 300, 300, {.rows = 3});
  const auto small = OutputReader::open((folder / "small").string());
  BOOST_TEST(small->segments() <= 31u);
  BOOST_TEST(small->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(small->digest() == OutputReader::open((folder / "one").string())->digest());
  std::uint64_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder / "small" / "segments")) ++files;
  BOOST_TEST(files == small->segments());
}

BOOST_AUTO_TEST_CASE(replaced_segments_stay_for_readers_for_a_minute) {
  const TemporaryFolder folder;
  SetClock clock;
  auto settings = settings_of("hdf5", folder / "out");
  settings.clock = &clock;
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  for (std::uint64_t sequence = 0; sequence < 17; ++sequence) {
    output->write(message_of(sequence, sequence, {.rows = 1}));
    output->commit(false);
  }
  const auto first = folder / "out" / "segments" / "segment-00000001.h5";
  BOOST_TEST(OutputReader::open((folder / "out").string())->segments() == 2u);
  BOOST_TEST(fs::exists(first));
  clock.seconds = 61;
  output->write(message_of(17, 17, {.rows = 1}));
  output->commit(false);
  BOOST_TEST(!fs::exists(first));
}

BOOST_AUTO_TEST_CASE(a_damaged_segment_is_never_merged) {
  const TemporaryFolder folder;
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  output->begin(header_of_every_type(), one_part());
  for (std::uint64_t sequence = 0; sequence < 15; ++sequence) {
    output->write(message_of(sequence, sequence, {.rows = 1}));
    output->commit(false);
  }
  const auto path = folder / "out" / "segments" / "segment-00000003.h5";
  auto text = text_of(path);
  text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
  replace_file(path, text);
  output->write(message_of(15, 15, {.rows = 1}));
  BOOST_CHECK_THROW(output->commit(false), Error);
}

// MILLRACE_COMMITS=525600 runs the whole year.
BOOST_AUTO_TEST_CASE(a_commit_a_minute_costs_the_same_at_the_end_as_at_the_beginning) {
  const TemporaryFolder folder;
  SetClock clock;
  auto settings = settings_of("hdf5", folder / "station");
  settings.clock = &clock;
  const auto* asked = std::getenv("MILLRACE_COMMITS");
  const std::uint64_t commits = asked == nullptr ? 1800 : std::strtoull(asked, nullptr, 10), parts = 6;
  std::vector<double> cost;
  {
    const auto output = Output::open(settings);
    output->begin(header_of_every_type(), one_part());
    for (std::uint64_t part = 0; part < parts; ++part) {
      const auto before = now(), cpu_before = thread_cpu_s();
      for (auto sequence = part * (commits / parts); sequence < (part + 1) * (commits / parts); ++sequence) {
        clock.seconds += 60;
        output->write(message_of(sequence, sequence, {.rows = 1, .rejects = 0}));
        output->tick();
      }
      const auto per_commit = 1e3 / static_cast<double>(commits / parts);
      cost.push_back((thread_cpu_s() - cpu_before) * per_commit);
      std::uint64_t files = 0;
      for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder / "station" / "segments"))
        ++files;
      BOOST_TEST_MESSAGE("up to commit " << (part + 1) * (commits / parts) << ": "
                                         << (now() - before) * per_commit << " ms a commit, of CPU "
                                         << cost.back() << ", " << files << " segment files, manifest "
                                         << fs::file_size(folder / "station" / "manifest") << " bytes");
      BOOST_TEST(files <= 120u);
    }
  }
  const auto before = now();
  const auto reader = OutputReader::open((folder / "station").string());
  BOOST_TEST(reader->rows(0, 1).rows() == 1u);
  BOOST_TEST(Output::open(settings)->found()->next_sequence > 0u);
  BOOST_TEST_MESSAGE("opens in " << now() - before << " s");
  BOOST_TEST(now() - before < 1.0);
  BOOST_TEST(*std::min_element(cost.begin() + 3, cost.end()) < 3 * cost[1]);
}
