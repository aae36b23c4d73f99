// SPDX-License-Identifier: Apache-2.0
// What is left after a crash at any moment: the last commit, whole, or the one before it.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "millrace/base/error.hpp"
#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;
namespace data = boost::unit_test::data;

namespace {

const std::vector<std::string> keeping_sinks{"hdf5", "csv", "jsonl"};

fs::path manifest_of(const fs::path& output) {
  return fs::is_directory(output) ? output / "manifest" : fs::path(output.string() + ".manifest");
}

// The output and what lies beside it.
void copy_output(const fs::path& from, const fs::path& to) {
  for (const char* suffix : {"", ".manifest", ".rejects.jsonl"})
    if (fs::exists(from.string() + suffix))
      fs::copy(from.string() + suffix, to.string() + suffix,
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void write_messages(Output& output, std::uint64_t first, std::uint64_t end) {
  for (auto sequence = first; sequence < end; ++sequence) output.write(message_of(sequence, sequence * 10));
}

// Two commits, of 3 and of 4 messages.
std::pair<std::uint64_t, std::uint64_t> make_two_commits(const OutputSettings& settings,
                                                         const fs::path& path) {
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  write_messages(*output, 0, 3);
  output->commit(false);
  const auto first = fs::file_size(manifest_of(path));
  write_messages(*output, 3, 7);
  output->commit(false);
  return {first, fs::file_size(manifest_of(path))};
}

std::string result_of(const fs::path& path) {
  return fs::is_directory(path) ? OutputReader::open(path.string())->digest() : text_of(path);
}

bool is_clean(const fs::path& path) {
  const auto lines = OutputReader::open(path.string())->verify();
  for (const auto& line : lines) BOOST_TEST_MESSAGE(line);
  return lines.empty();
}

void flip_byte(const fs::path& path, std::uint64_t at) {
  auto text = text_of(path);
  text[at] = static_cast<char>(text[at] ^ 0x40);
  replace_file(path, text);
}

}  // namespace

BOOST_DATA_TEST_CASE(a_commit_cut_off_at_any_byte_is_as_if_it_had_not_been, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const LogLines log;
  run_messages(settings_of(sink, folder / "whole"), 9);
  const auto [first, second] = make_two_commits(settings_of(sink, folder / "out"), folder / "out");
  const std::uint64_t step = sink == "hdf5" ? 7 : 1;
  for (auto length = first; length <= second;
       length += length + step > second && length < second ? second - length : step) {
    const auto copy = folder / "copy";
    copy_output(folder / "out", copy);
    fs::resize_file(manifest_of(copy), length);
    {
      const auto output = Output::open(settings_of(sink, copy));
      BOOST_TEST(output->found()->next_sequence == (length == second ? 7u : 3u));
      if (length % 2 == 0) output->begin(header_of_every_type(), one_part());
    }
    BOOST_TEST(is_clean(copy));
    run_messages(settings_of(sink, copy), 9);
    BOOST_TEST(result_of(copy) == result_of(folder / "whole"));
    BOOST_TEST(text_of(copy.string() + ".rejects.jsonl") ==
               text_of((folder / "whole").string() + ".rejects.jsonl"));
    fs::remove_all(copy);
    for (const char* suffix : {".manifest", ".lock", ".rejects.jsonl"}) fs::remove(copy.string() + suffix);
  }
  BOOST_TEST(log.has("was cut off while it was written"));
}

BOOST_DATA_TEST_CASE(a_last_entry_of_garbage_is_cut_too, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  const LogLines log;
  const auto [first, second] = make_two_commits(settings_of(sink, folder / "out"), folder / "out");
  flip_byte(manifest_of(folder / "out"), second - 3);
  BOOST_TEST(Output::open(settings_of(sink, folder / "out"))->found()->next_sequence == 3u);
}

BOOST_AUTO_TEST_CASE(damage_before_the_last_entry_is_never_taken_for_a_torn_one) {
  const TemporaryFolder folder;
  const auto [first, second] = make_two_commits(settings_of("csv", folder / "out"), folder / "out");
  for (std::uint64_t at = 20; at < first; at += 5) {
    copy_output(folder / "out", folder / "copy");
    flip_byte(manifest_of(folder / "copy"), at);
    BOOST_CHECK_EXCEPTION(Output::open(settings_of("csv", folder / "copy")), Error,
                          [](const Error& error) { return error.code() == ExitCode::failed; });
    BOOST_CHECK_THROW(OutputReader::open((folder / "copy").string()), Error);
    BOOST_TEST(fs::file_size(manifest_of(folder / "copy")) == second);
  }
}

BOOST_DATA_TEST_CASE(lost_committed_bytes_are_named_and_never_made_up, data::make(keeping_sinks), sink) {
  const TemporaryFolder folder;
  make_two_commits(settings_of(sink, folder / "out"), folder / "out");
  const auto file = sink == "hdf5" ? folder / "out" / "segments" / "segment-00000002.h5" : folder / "out";
  fs::resize_file(file, fs::file_size(file) - 1);
  BOOST_CHECK_EXCEPTION(Output::open(settings_of(sink, folder / "out")), Error, [&](const Error& error) {
    return error.code() == ExitCode::failed &&
           std::string(error.what()).find(file.string()) != std::string::npos;
  });
  BOOST_TEST(!is_clean(folder / "out"));
}

BOOST_AUTO_TEST_CASE(what_a_crash_leaves_behind_goes_at_the_next_start) {
  const TemporaryFolder folder;
  make_two_commits(settings_of("hdf5", folder / "out"), folder / "out");
  const auto segments = folder / "out" / "segments";
  for (const char* name : {"segment-00000003.h5", "segment-00000003.h5.part", "segment-00000007.h5"})
    replace_file(segments / name, "half");
  replace_file(segments / "notes.txt", "kept");
  fs::remove(folder / "out" / "results.h5");
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(segments)) ++files;
  BOOST_TEST(files == 3u);
  BOOST_TEST(fs::exists(segments / "notes.txt"));
  BOOST_TEST(is_clean(folder / "out"));  // so results.h5 is there again
}

BOOST_AUTO_TEST_CASE(a_crash_while_starting_anew_leaves_an_output_that_can_be_started) {
  const TemporaryFolder folder;
  make_two_commits(settings_of("hdf5", folder / "out"), folder / "out");
  fs::resize_file(folder / "out" / "manifest", 20);  // the empty one that --overwrite writes first
  const auto output = Output::open(settings_of("hdf5", folder / "out"));
  BOOST_TEST(!output->found().has_value());
  output->begin(header_of_every_type(), one_part());
  write_messages(*output, 0, 3);
  output->commit(true);
  BOOST_TEST(is_clean(folder / "out"));
}

BOOST_AUTO_TEST_CASE(a_log_of_many_commits_is_begun_anew_with_a_checkpoint) {
  const TemporaryFolder folder;
  const auto settings = settings_of("jsonl", folder / "out");
  std::uint64_t largest = 0;
  {
    const auto output = Output::open(settings);
    output->begin(header_of_every_type(), one_part());
    for (std::uint64_t sequence = 0; sequence < 2500; ++sequence) {
      output->write(message_of(sequence, sequence, {.rows = 1, .rejects = 0}));
      output->commit(false);
      largest = std::max(largest, std::uint64_t{fs::file_size(folder / "out.manifest")});
    }
  }
  BOOST_TEST(fs::file_size(folder / "out.manifest") < largest);
  BOOST_TEST(largest < 2500u * 150);
  const auto output = Output::open(settings);
  BOOST_TEST(output->found()->next_sequence == 2500u);
  BOOST_TEST(output->found()->totals.rows_out == 2500u);
  BOOST_TEST((output->found()->header.identity == header_of_every_type().identity));
}
