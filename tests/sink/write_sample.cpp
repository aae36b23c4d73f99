// SPDX-License-Identifier: Apache-2.0
// Writes the output that readers_test.py opens: write_sample PATH MESSAGES [no-time] [source-row]
// [keep-fits].
#include <cstdlib>
#include <set>

#include "sink/fixture.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

// The same rows without their first column, which is the time.
void drop_time(SinkMessage& message) {
  auto& columns = message.result.frame.columns;
  columns.erase(columns.begin());
}

}  // namespace

int main(int count, char** arguments) {
  const std::set<std::string> words(arguments + 3, arguments + count);
  const auto messages = static_cast<std::uint64_t>(std::atoll(arguments[2]));
  const auto settings = settings_of("hdf5", arguments[1],
                                    {{"source_row", words.contains("source-row")},
                                     {"keep_fits", words.contains("keep-fits")},
                                     {"chunk_rows", std::int64_t{16}}});
  auto header = header_of_every_type();
  if (words.contains("no-time")) header.result_schema.columns.erase(header.result_schema.columns.begin());
  const auto output = Output::open(settings);
  output->begin(header, one_part());
  for (std::uint64_t sequence = 0; sequence < messages; ++sequence) {
    auto message =
        message_of(sequence, sequence * 10, {.rows = 10, .rejects = 1, .some_missing = sequence >= 4});
    if (words.contains("no-time")) drop_time(message);
    output->write(std::move(message));
    if (sequence % 3 == 2) output->commit(false);
  }
  output->commit(true);
}
