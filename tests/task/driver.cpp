// SPDX-License-Identifier: Apache-2.0
// driver CASES ANSWERS THREADS: runs every case of a file (task/frame_stream.hpp) and writes the answers.
#include <cstdlib>

#include "millrace/base/error.hpp"
#include "millrace/base/files.hpp"
#include "millrace/base/log.hpp"
#include "task/frame_stream.hpp"

using namespace millrace;

namespace {

void write_answer(const Result& result, ByteWriter& out) {
  out.value(std::uint8_t{0});
  test::write_frame(result.frame, out);
  out.raw(result.frame.row_index.data(), result.frame.rows() * sizeof(std::uint32_t));
  out.value(static_cast<std::uint32_t>(result.rejects.size()));
  for (const auto& reject : result.rejects) {
    out.value(reject.row);
    out.text(reject.reason);
  }
  out.value(static_cast<std::uint32_t>(result.stages.size()));
  for (const auto& stage : result.stages) out.value(stage.rows_dropped);
}

void run_case(ByteReader& in, int threads, ByteWriter& out) {
  const std::string text(in.text());
  Result result;
  result.frame = test::read_frame(in);
  try {
    const Chain chain(result.frame.schema(), test::parse_chain(text));
    chain.run(result, threads);
    if (result.frame.schema() != chain.schema_after())
      throw std::logic_error("the schema is not the one promised");
    write_answer(result, out);
  } catch (const Error& error) {
    out.value(std::uint8_t{1});
    out.text(error.what());
  }
}

}  // namespace

int main(int, char** arguments) {
  relay_log([](LogLevel, std::string_view) {});
  const auto cases = read_file(arguments[1]);
  const auto threads = std::atoi(arguments[3]);
  ByteReader in(cases);
  Bytes answers;
  ByteWriter out(answers);
  while (in.left() > 0) run_case(in, threads, out);
  File::open(arguments[2], File::Mode::write_new).write_all(answers);
}
