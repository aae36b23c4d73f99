// SPDX-License-Identifier: Apache-2.0
// What the tests of the sink room share: a clock that is set, messages with every type of column.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/log_lines.hpp"
#include "base/temporary_folder.hpp"
#include "millrace/base/files.hpp"
#include "millrace/sink/output.hpp"
#include "millrace/sink/output_reader.hpp"
#include "mqtt/private_broker.hpp"

namespace millrace::test {

class SetClock : public Clock {
 public:
  double now_s() const override { return seconds; }
  double unix_s() const override { return 1.7e9 + seconds; }
  double seconds = 0;
};

inline Schema every_type() {
  return {{{.name = "dateTime", .type = Type::time, .unit = "s"},
           {.name = "outTemp", .type = Type::float64, .unit = "degree_C"},
           {.name = "count", .type = Type::int64},
           {.name = "isRaining", .type = Type::boolean},
           {.name = "windDir", .type = Type::text},
           {.name = "note", .type = Type::text, .encoding = TextEncoding::fixed, .width = 12}}};
}

struct MessageShape {
  std::size_t rows = 10;    // of the result
  std::size_t rejects = 1;  // beside them
  bool some_missing = true;
};

inline const std::vector<std::string>& winds() {
  static const std::vector<std::string> names{"N", "Süd", "W\"est\"", "", "NNE"};
  return names;
}

// One row of the result; every value follows from the row's index in the whole stream.
inline void add_row(Frame& frame, std::uint64_t row, bool some_missing) {
  auto& columns = frame.columns;
  const auto missing = [&](std::uint64_t every) { return some_missing && row % every == every - 1; };
  columns[0].i64.push_back(static_cast<std::int64_t>(1'700'000'000 + 60 * row));
  columns[1].f64.push_back(missing(5) ? std::numeric_limits<double>::quiet_NaN()
                                      : std::round(std::sin(double(row)) * 1000) / 10);
  columns[2].i64.push_back(missing(4) ? 0 : (std::int64_t{1} << 60) + static_cast<std::int64_t>(row));
  columns[2].valid.push_back(missing(4) ? 0 : 1);
  columns[3].u8.push_back(missing(6) ? 0 : row % 2);
  columns[3].valid.push_back(missing(6) ? 0 : 1);
  auto& labels = columns[4].labels;
  const auto& wind = winds()[row / 3 % winds().size()];
  std::size_t code = 1;
  while (code < labels.size() && labels[code] != wind) ++code;
  if (code == labels.size()) labels.push_back(wind);
  columns[4].codes.push_back(missing(7) ? 0 : static_cast<std::int32_t>(code));
  std::string note = "nöte " + std::to_string(row % 1000);
  note.resize(12);
  if (missing(3)) note.assign(12, '\0');
  columns[5].fixed.insert(columns[5].fixed.end(), note.begin(), note.end());
  columns[5].valid.push_back(missing(3) ? 0 : 1);
}

inline SinkMessage message_of(std::uint64_t sequence, std::uint64_t first_row,
                              const MessageShape& shape = {}) {
  SinkMessage message;
  auto& result = message.result;
  result.sequence = sequence;
  result.rows_in = shape.rows + shape.rejects;
  result.frame = Frame(every_type());
  for (std::size_t row = 0; row < shape.rows; ++row) {
    add_row(result.frame, first_row + row, shape.some_missing);
    result.frame.row_index.push_back(static_cast<std::uint32_t>(shape.rejects + row));
  }
  for (std::uint32_t row = 0; row < shape.rejects; ++row) {
    result.rejects.push_back(
        {row, "decode: column outTemp: expected a number, found \"x\"", row % 2 ? "\xff{" : "{\"a\":1}"});
    message.reject_origins.push_back({"in.jsonl:" + std::to_string(sequence)});
  }
  result.stages = {{0.25, 0}, {0.5, 1}};
  result.fits = {{"0/standard_scaler/outTemp/mean", {0.5 * static_cast<double>(sequence)}},
                 {"1/quantile_transformer_uniform/outTemp/quantiles",
                  std::vector<double>(sequence % 3, static_cast<double>(sequence))}};
  result.service_s = 0.75;
  result.worker = 1;
  message.behind = {0, 100 * (sequence + 1), sequence + 1, (sequence + 1) * result.rows_in};
  message.first_arrival_unix_s = 1.7e9;
  message.last_arrival_unix_s = 1.7e9 + 1;
  return message;
}

inline OutputHeader header_of_every_type() {
  OutputHeader header;
  header.identity = {{"chain", "fillna_zeros"}, {"buffering", "k=10"}};
  header.input_schema = "{\"columns\": []}";
  header.result_schema = every_type();
  header.stages = {"prepare", "fillna_zeros"};
  header.attributes = {{"project", "{\"description\": \"Wetter für alle\"}"}};
  return header;
}

inline std::vector<RecordedPart> one_part() {
  return {{"in.jsonl", 1000, "abc"}};
}

inline const PartInfo& part_of(const std::string& sink) {
  for (const auto& part : sink_catalog())
    if (part.name == sink) return part;
  throw std::logic_error("no such sink");
}

// One for all tests of a program.
inline PrivateBroker& broker_of_tests() {
  static PrivateBroker broker;
  if (broker.log().empty()) broker.start();
  return broker;
}

inline OutputSettings settings_of(const std::string& sink, const fs::path& path,
                                  std::map<std::string, OptionValue> given = {}) {
  OutputSettings settings;
  settings.sink = sink;
  if (sink != "null") given["path"] = path.string();
  if (sink == "mqtt") {
    if (!given.contains("broker")) given["broker"] = std::vector<std::string>{broker_of_tests().url()};
    given.try_emplace("topic", "results");
  }
  settings.options = Options(part_of(sink).options, std::move(given));
  settings.lock_wait_s = 0;
  return settings;
}

// Opens, begins, and goes on to write messages of `shape` up to `messages` of them, committing after every
// `commit_every`.
inline void run_messages(const OutputSettings& settings, std::uint64_t messages,
                         std::uint64_t commit_every = 3, const MessageShape& shape = {}) {
  const auto output = Output::open(settings);
  output->begin(header_of_every_type(), one_part());
  const auto first = output->found() ? output->found()->next_sequence : 0;
  for (auto sequence = first; sequence < messages; ++sequence) {
    output->write(message_of(sequence, sequence * shape.rows, shape));
    if ((sequence + 1) % commit_every == 0) output->commit(false);
  }
  output->commit(true);
}

inline std::string text_of(const fs::path& path) {
  const auto bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace millrace::test
