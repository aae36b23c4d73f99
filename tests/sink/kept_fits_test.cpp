// SPDX-License-Identifier: Apache-2.0
// What tasks were fitted to survives merging, crashes and checkpoints. That it reads back in Python is the
// matter of readers_test.py.
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

OutputSettings keeping(const fs::path& path) {
  return settings_of("hdf5", path, {{"keep_fits", true}});
}

std::vector<std::string> complaints(const fs::path& path) {
  return OutputReader::open(path.string())->verify();
}

void write_messages(Output& output, std::uint64_t first, std::uint64_t end) {
  for (auto sequence = first; sequence < end; ++sequence) output.write(message_of(sequence, sequence * 10));
}

}  // namespace

BOOST_AUTO_TEST_CASE(fits_survive_merging_and_are_not_in_the_digest) {
  const TemporaryFolder folder;
  run_messages(keeping(folder / "kept"), 300, 1, {.rows = 3});
  run_messages(settings_of("hdf5", folder / "without"), 300, 1, {.rows = 3});
  const auto kept = OutputReader::open((folder / "kept").string());
  BOOST_TEST(kept->segments() <= 31u);
  BOOST_TEST(kept->verify() == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(kept->digest() == OutputReader::open((folder / "without").string())->digest());
}

BOOST_AUTO_TEST_CASE(fits_that_were_not_committed_are_gone_after_a_crash_and_the_run_goes_on) {
  const TemporaryFolder folder;
  {
    const auto output = Output::open(keeping(folder / "out"));
    output->begin(header_of_every_type(), one_part());
    write_messages(*output, 0, 1);  // whose second fit has no values yet
    output->commit(false);
    write_messages(*output, 1, 5);
  }
  BOOST_TEST(complaints(folder / "out") == std::vector<std::string>{}, boost::test_tools::per_element());
  run_messages(keeping(folder / "out"), 9, 2);
  BOOST_TEST(complaints(folder / "out") == std::vector<std::string>{}, boost::test_tools::per_element());
  BOOST_TEST(OutputReader::open((folder / "out").string())->state().next_sequence == 9u);
}

BOOST_AUTO_TEST_CASE(fits_survive_a_log_that_was_begun_anew) {
  const TemporaryFolder folder;
  run_messages(keeping(folder / "out"), 1030, 1, {.rows = 1, .rejects = 0});
  run_messages(keeping(folder / "out"), 1040, 4, {.rows = 1, .rejects = 0});
  BOOST_TEST(complaints(folder / "out") == std::vector<std::string>{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_run_that_keeps_no_fits_does_not_go_on_in_an_output_with_fits) {
  const TemporaryFolder folder;
  run_messages(keeping(folder / "out"), 3);
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  try {
    output->begin(header_of_every_type(), one_part());
    BOOST_ERROR("begun");
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find("keep_fits: stored true, now false") != std::string::npos);
  }
}
