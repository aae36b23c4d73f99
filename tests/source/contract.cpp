// SPDX-License-Identifier: Apache-2.0
#include "source/contract.hpp"

#include <boost/test/unit_test.hpp>

#include "millrace/base/files.hpp"

namespace millrace::test {
namespace {

using Make = std::function<std::unique_ptr<Source>()>;
using Rows = std::vector<std::string>;

void check_rows(const std::vector<ReadRow>& rows, const Rows& expected) {
  BOOST_TEST_REQUIRE(rows.size() == expected.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    BOOST_TEST_REQUIRE(rows[row].bytes == expected[row]);
    BOOST_TEST_REQUIRE(rows[row].behind.row == row + 1);
  }
}

void reads_are_cut_anyhow(const Make& make, const std::vector<ReadRow>& rows) {
  for (const std::size_t most : {1u, 2u, 3u, 7u, 100000u}) BOOST_TEST((read_all(*make(), most) == rows));
}

void a_sample_consumes_nothing(const Make& make, const std::vector<ReadRow>& rows) {
  const auto source = make();
  for (const std::size_t most : {1u, 3u, 1000000u}) {
    const auto sample = source->sample(most);
    BOOST_TEST_REQUIRE(sample.size() == std::min(most, rows.size()));
    for (std::size_t row = 0; row < sample.size(); ++row) BOOST_TEST_REQUIRE(sample[row] == rows[row].bytes);
  }
  BOOST_TEST((read_all(*source) == rows));
}

void a_source_goes_on_behind_any_row(const Make& make, const std::vector<ReadRow>& rows) {
  const auto step = std::max<std::size_t>(1, rows.size() / 97);
  for (std::size_t row = 0; row < rows.size(); row += step) {
    const auto source = make();
    source->resume(rows[row].behind);
    BOOST_TEST_REQUIRE(
        (read_all(*source) ==
         std::vector<ReadRow>(rows.begin() + static_cast<std::ptrdiff_t>(row) + 1, rows.end())));
  }
}

// Of the files that are parts.
std::vector<std::string> texts_of(const std::vector<InputPart>& parts) {
  std::vector<std::string> texts;
  for (const auto& part : parts) {
    const auto bytes = part.hash.empty() ? Bytes() : read_file(part.name);
    texts.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return texts;
}

}  // namespace

std::vector<ReadRow> read_all(Source& source, std::size_t most) {
  std::vector<ReadRow> all;
  std::vector<SourceRow> rows;
  const auto texts = texts_of(source.parts());
  while (!source.finished()) {
    source.read(most, rows);
    BOOST_TEST_REQUIRE(rows.size() <= most);
    for (const auto& row : rows) {
      if (row.at) BOOST_TEST_REQUIRE(texts.at(row.part).substr(*row.at, row.bytes.size()) == row.bytes);
      all.push_back({std::string(row.bytes), row.behind, row.part, row.line, row.too_long, row.at});
    }
  }
  source.read(most, rows);
  BOOST_TEST(rows.empty());
  return all;
}

void check_contract(const Make& make, const Rows& expected) {
  const auto rows = read_all(*make());
  check_rows(rows, expected);
  reads_are_cut_anyhow(make, rows);
  a_sample_consumes_nothing(make, rows);
  a_source_goes_on_behind_any_row(make, rows);
  BOOST_TEST((make()->parts() == make()->parts()));
}

}  // namespace millrace::test
