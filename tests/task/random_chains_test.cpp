// SPDX-License-Identifier: Apache-2.0
// Thousands of random frames through random chains: the same bits for any number of threads and any vector
// path, and the values of a slow, simple reference.
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "millrace/kernel/vector_path.hpp"
#include "task/frame_stream.hpp"
#include "task/random_frame.hpp"
#include "task/simple_tasks.hpp"

using namespace millrace;
using namespace millrace::test;

namespace {

Bytes bytes_of(const Result& result) {
  Bytes bytes;
  ByteWriter out(bytes);
  write_frame(result.frame, out);
  out.raw(result.frame.row_index.data(), result.frame.rows() * sizeof(std::uint32_t));
  for (const auto& reject : result.rejects) {
    out.value(reject.row);
    out.text(reject.reason);
  }
  return bytes;
}

Result run(const Frame& frame, const std::vector<ChainStep>& steps, int threads) {
  Result result;
  result.frame = frame;
  Chain(frame.schema(), steps).run(result, threads);
  return result;
}

// Errors of one scaler are multiplied by the next where a column is nearly constant, hence one task at a
// time.
bool near(const Column& a, const Column& b, std::size_t rows) {
  double largest = 0;
  if (a.info != b.info) return false;
  for (std::size_t row = 0; row < rows; ++row) {
    if (a.is_missing(row) != b.is_missing(row)) return false;
    if (a.info.type == Type::text && a.text(row) != b.text(row)) return false;
    if (a.info.type == Type::float64 && !a.is_missing(row)) largest = std::max(largest, std::abs(b.f64[row]));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    if (a.is_missing(row)) continue;
    if (a.info.type == Type::float64 && !(std::abs(a.f64[row] - b.f64[row]) <= 1e-11 * largest)) return false;
    if (!a.i64.empty() && a.i64[row] != b.i64[row]) return false;
    if (!a.u8.empty() && a.u8[row] != b.u8[row]) return false;
  }
  return true;
}

std::size_t random_rows(std::mt19937_64& random, int number) {
  if (number % 50 == 0) return 5000 + random() % 6000;
  return number % 3 == 0 ? random() % 8 : random() % 300;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_chains_give_the_same_bits_for_any_threads_and_vector_path) {
  std::mt19937_64 random(20);
  const auto before = vector_path();
  for (int number = 0; number < 2000; ++number) {
    const auto frame = random_frame(random, random_rows(random, number));
    const auto chain = random_chain(random);
    const auto steps = parse_chain(chain);
    const auto expected = bytes_of(run(frame, steps, 1));
    for (const auto path : vector_paths()) {
      use_vector_path(path);
      BOOST_REQUIRE_MESSAGE(bytes_of(run(frame, steps, 1)) == expected, name_of(path)
                                                                            << " differs: " << chain);
    }
    use_vector_path(before);
    for (const auto threads : {2, 4})
      BOOST_REQUIRE_MESSAGE(bytes_of(run(frame, steps, threads)) == expected,
                            threads << " threads differ: " << chain);
  }
}

BOOST_AUTO_TEST_CASE(random_chains_give_the_values_of_a_simple_reference) {
  std::mt19937_64 random(21);
  for (int number = 0; number < 4000; ++number) {
    Result expected;
    expected.frame = random_frame(random, number % 100 == 0 ? 2000 : random() % 120);
    for (const auto& step : parse_chain(random_chain(random))) {
      const auto found = run(expected.frame, {step}, 1);
      expected.rejects.clear();
      run_simply(expected, {step});
      BOOST_REQUIRE_MESSAGE(found.frame.row_index == expected.frame.row_index,
                            step.task << ", frame " << number);
      BOOST_REQUIRE_EQUAL(found.rejects.size(), expected.rejects.size());
      for (std::size_t reject = 0; reject < found.rejects.size(); ++reject)
        BOOST_REQUIRE_EQUAL(found.rejects[reject].row, expected.rejects[reject].row);
      for (std::size_t column = 0; column < found.frame.columns.size(); ++column)
        BOOST_REQUIRE_MESSAGE(
            near(found.frame.columns[column], expected.frame.columns[column], found.frame.rows()),
            step.task << ", frame " << number << ", column " << column);
      expected.frame = found.frame;
    }
  }
}
