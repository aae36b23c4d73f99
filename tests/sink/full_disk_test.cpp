// SPDX-License-Identifier: Apache-2.0
// A full disk, on a small tmpfs, at whatever point of a commit it comes.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/small_disk.hpp"
#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

void write_messages(Output& output, std::uint64_t first, std::uint64_t end, std::size_t rejects) {
  for (auto sequence = first; sequence < end; ++sequence)
    output.write(message_of(sequence, sequence * 10, {.rows = 10, .rejects = rejects}));
}

// The code of the Error that a commit on the full disk ends with; empty if it went well.
std::optional<ExitCode> commit_on_full_disk(const SmallDisk& disk, const OutputSettings& settings,
                                            std::uint64_t free, std::size_t rejects) {
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  disk.fill_but(free);
  try {
    write_messages(*output, output->found()->next_sequence, 20, rejects);
    output->commit(false);
  } catch (const Error& error) {
    return error.code();
  }
  return std::nullopt;
}

void run_all(const OutputSettings& settings, std::size_t rejects) {
  run_messages(settings, 20, 10, {.rows = 10, .rejects = rejects});
}

// "small chunks": hdf5 with chunks of which several are written together.
OutputSettings settings_in(const std::string& kind, const fs::path& path) {
  if (kind != "small chunks") return settings_of(kind, path);
  return settings_of("hdf5", path, {{"chunk_rows", std::int64_t{16}}, {"compression", std::string("none")}});
}

}  // namespace

BOOST_DATA_TEST_CASE(a_full_disk_costs_nothing_that_was_committed,
                     data::make({"hdf5", "small chunks", "csv", "jsonl"}) * data::make({0, 1, 200}), kind,
                     rejects) {
  const bool is_hdf5 = std::string_view(kind) == "hdf5" || std::string_view(kind) == "small chunks";
  const LogLines log;
  const SmallDisk disk;
  if (!disk.is_there()) return;
  const TemporaryFolder elsewhere;
  const auto count = static_cast<std::size_t>(rejects);
  run_all(settings_in(kind, elsewhere / "whole"), count);
  std::size_t failures = 0;
  for (std::uint64_t free = 0; free <= 400 << 10; free += (free < 32 << 10 ? 4 : 32) << 10) {
    auto settings = settings_in(kind, disk.path() / "out");
    settings.overwrite = true;
    {
      const auto output = Output::open(settings);
      output->begin(header_of_every_type(), one_part());
      write_messages(*output, 0, 10, count);
      output->commit(false);
    }
    settings.overwrite = false;
    const auto failure = commit_on_full_disk(disk, settings, free, count);
    if (failure) BOOST_TEST(static_cast<int>(*failure) == static_cast<int>(ExitCode::no_space));
    failures += failure.has_value();
    const auto reader = OutputReader::open((disk.path() / "out").string());
    BOOST_TEST(reader->state().next_sequence >= 10u);
    if (is_hdf5) BOOST_TEST(reader->rows(0, 1000).rows() >= 100u);
    disk.make_room();
    run_all(settings, count);
    const auto again = OutputReader::open((disk.path() / "out").string());
    BOOST_TEST(again->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
    if (is_hdf5)
      BOOST_TEST(again->digest() == OutputReader::open((elsewhere / "whole").string())->digest());
    else
      BOOST_TEST(text_of(disk.path() / "out") == text_of(elsewhere / "whole"));
    if (rejects > 0)
      BOOST_TEST(text_of(disk.path() / "out.rejects.jsonl") == text_of(elsewhere / "whole.rejects.jsonl"));
  }
  BOOST_TEST(failures > 0u);
}
