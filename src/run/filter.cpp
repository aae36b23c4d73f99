// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/error.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/codec/schema_inference.hpp"
#include "run/message_processor.hpp"

namespace millrace {
namespace {

struct Lines {
  std::vector<std::string_view> rows;
  std::vector<std::uint64_t> numbers;  // of each row's first line, from 1
};

Lines split(std::string_view text, const DecodeOptions& decode) {
  const auto framer = make_row_framer(decode.format, decode.max_row_bytes, true);
  std::vector<FramedRow> framed;
  framer->frame(text, true, static_cast<std::size_t>(-1), framed);
  Lines lines;
  std::uint64_t line = 0, last_end = 0;
  for (const auto& row : framed) {
    line += static_cast<std::uint64_t>(std::count(text.begin() + last_end, text.begin() + row.begin, '\n'));
    lines.rows.push_back(text.substr(row.begin, row.end - row.begin));
    lines.numbers.push_back(line + 1);
    line += static_cast<std::uint64_t>(std::count(text.begin() + row.begin, text.begin() + row.next, '\n'));
    last_end = row.next;
  }
  return lines;
}

std::vector<std::string> columns_of(std::string_view header, char delimiter) {
  const auto names = split_csv_row(header, delimiter);
  const auto hint = delimiter_hint(header, delimiter);
  if (!names) throw Error(ExitCode::failed, "the header line is not CSV: its quotes are wrong" + hint);
  if (!hint.empty()) throw Error(ExitCode::failed, "the header line names one column" + hint);
  auto sorted = *names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    throw Error(ExitCode::failed, fmt::format("the header line names \"{}\" twice", *twice));
  return *names;
}

// Takes the header line from the rows, and the names of the columns from it.
void take_header(Lines& lines, DecodeOptions& decode) {
  if (lines.rows.empty()) return;
  if (decode.csv_columns.empty()) decode.csv_columns = columns_of(lines.rows.front(), decode.csv_delimiter);
  lines.rows.erase(lines.rows.begin());
  lines.numbers.erase(lines.numbers.begin());
}

SetUp set_up_of(const FilterSettings& settings, Lines& lines, FilterOutcome& outcome) {
  SetUp set_up;
  set_up.decode = settings.decode;
  if (settings.decode.format == RowFormat::csv && settings.header) take_header(lines, set_up.decode);
  set_up.input = settings.schema.value_or(Schema{});
  if (!settings.schema) {
    auto inferred = infer_schema(lines.rows, set_up.decode);
    set_up.input = std::move(inferred.schema);
    outcome.warnings = std::move(inferred.warnings);
  }
  set_up.chain = settings.steps;
  return set_up;
}

}  // namespace

FilterOutcome filter_rows(std::string_view text, const FilterSettings& settings,
                          const std::function<void(std::string_view)>& write) {
  FilterOutcome outcome;
  auto lines = split(text, settings.decode);
  const auto set_up = set_up_of(settings, lines, outcome);
  MessageProcessor processor(set_up, std::make_shared<const Chain>(set_up.input, set_up.chain), 0);
  std::string out;
  append_header(processor.schema_after(), settings.output, out);
  const auto k =
      settings.rows_per_message > 0 ? settings.rows_per_message : std::max<std::size_t>(lines.rows.size(), 1);
  for (std::size_t first = 0; first < lines.rows.size(); first += k) {
    MessageBuilder builder;
    const auto end = std::min(first + k, lines.rows.size());
    for (auto row = first; row < end; ++row) builder.add_row(lines.rows[row]);
    const auto block = builder.finish(first / k);
    const auto& result = processor.process(block, settings.threads);
    for (const auto& reject : result.rejects)
      outcome.rejects.push_back(fmt::format("line {}: {}", lines.numbers[first + reject.row], reject.reason));
    append_rows(result.frame, settings.output, out);
    write(out);
    out.clear();
  }
  if (!out.empty()) write(out);
  return outcome;
}

}  // namespace millrace
