// SPDX-License-Identifier: Apache-2.0
#include "run/writer.hpp"

#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "millrace/codec/result_codec.hpp"

using namespace millrace;

namespace {

// The results of two messages without rows, and of `more` that were not asked for.
WriteJob job_with(int more) {
  WriteJob job;
  for (std::uint64_t sequence = 0; sequence < 2; ++sequence) {
    CutMessage message;
    message.sequence = sequence;
    job.bundle.add(std::move(message));
  }
  for (int index = 0; index < 2 + more; ++index) {
    Result result;
    result.sequence = static_cast<std::uint64_t>(index);
    encode_result(result, 1, job.results);
  }
  return job;
}

void write_with(int more) {
  const auto output = Output::open({.sink = "null", .options = {}});
  output->begin({}, {});
  Writer writer(*output, {});
  auto job = job_with(more);
  writer.try_push(job);
  writer.finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(as_many_results_as_there_were_messages_are_written_and_others_refused) {
  BOOST_CHECK_NO_THROW(write_with(0));
  BOOST_CHECK_THROW(write_with(1), std::out_of_range);
  BOOST_CHECK_THROW(write_with(-1), std::out_of_range);
}
