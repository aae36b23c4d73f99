// SPDX-License-Identifier: Apache-2.0
// How fast payloads are framed, in MB of plain text a second, beside a copy of the same bytes and simdjson's
// own walk over the elements of an array.
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "codec/sample_rows.hpp"
#include "millrace/base/clock.hpp"
#include "millrace/codec/payload.hpp"

using namespace millrace;

namespace {

// The best of several passes.
template <class Work>
void measure(const char* name, std::size_t bytes, Work work) {
  double best = 1e18;
  for (int pass = 0; pass < 15; ++pass) {
    const auto start = system_clock().now_s();
    work();
    best = std::min(best, system_clock().now_s() - start);
  }
  std::printf("%-32s %8.0f MB/s\n", name, static_cast<double>(bytes) / best / 1e6);
}

void require(bool holds) {
  if (!holds) std::abort();
}

void measure_reader(const char* name, const PayloadOptions& options, const std::vector<std::string>& rows) {
  const auto reader = make_payload_reader(options);
  const auto payload = write_payload(options.form, {rows.begin(), rows.end()});
  const auto plain = write_payload(PayloadForm::array, {rows.begin(), rows.end()});
  measure(name, plain.size(), [&] { require(reader->read(payload, "topic").rows.size() == rows.size()); });
}

void measure_simdjson(const std::string& array, std::size_t rows) {
  const simdjson::padded_string padded(array);
  simdjson::ondemand::parser parser;
  measure("simdjson, elements of an array", array.size(), [&] {
    auto document = parser.iterate(padded);
    std::size_t seen = 0;
    for (auto element : document.get_array())
      seen += !std::string_view(element.get_object().value().raw_json()).empty();
    require(seen == rows);
  });
}

}  // namespace

int main() {
  for (const std::size_t rows : {100u, 20'000u}) {
    const auto sample = sample_rows(rows, 1);
    const auto array = write_payload(PayloadForm::array, {sample.begin(), sample.end()});
    std::printf("%zu rows, %zu bytes\n", rows, array.size());
    std::string copy(array.size(), '\0');
    measure("memcpy", array.size(), [&] { std::copy(array.begin(), array.end(), copy.begin()); });
    measure_simdjson(array, rows);
    measure_reader("array", {.form = PayloadForm::array}, sample);
    measure_reader("array with a topic column", {.form = PayloadForm::array, .topic_column = "topic"},
                   sample);
    measure_reader("lines", {.form = PayloadForm::lines}, sample);
    measure_reader("csv", {.form = PayloadForm::csv}, sample_rows(rows, 1, {.format = RowFormat::csv}));
    measure_reader("packed", {.form = PayloadForm::packed}, sample);
  }
}
