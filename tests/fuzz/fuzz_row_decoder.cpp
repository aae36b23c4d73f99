// SPDX-License-Identifier: Apache-2.0
// Lines of any bytes: a fresh fast path, one that has learned from all inputs before, and the general path
// must agree on frame, rejects and unknown keys.
#include <cstdlib>

#include "millrace/frame/message.hpp"
#include "row_parser.hpp"

using namespace millrace;

namespace {

const Schema schema{{{"a", Type::float64},
                     {"b", Type::float64},
                     {"t", Type::text},
                     {"f", Type::boolean},
                     {"w", Type::time, "ms"},
                     {"i", Type::int64},
                     {"x", Type::text, "", Role::value, TextEncoding::fixed, 4},
                     {"n.m", Type::float64}}};

DecodeOptions csv_options() {
  DecodeOptions options;
  options.format = RowFormat::csv;
  options.csv_columns = {"a", "t", "f", "w", "other", "i", "x"};
  return options;
}

Bytes message_of_lines(std::string_view text) {
  MessageBuilder builder;
  for (;;) {
    const auto end = text.find('\n');
    builder.add_row(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return builder.finish(0);
}

void check_same(const Frame& a, const DecodeOutcome& outcome_a, const Frame& b,
                const DecodeOutcome& outcome_b) {
  if (!equal(a, b) || outcome_a.unknown_keys != outcome_b.unknown_keys) std::abort();
  if (outcome_a.new_unknown_keys != outcome_b.new_unknown_keys) std::abort();
  if (outcome_a.rejects.size() != outcome_b.rejects.size()) std::abort();
  for (std::size_t index = 0; index < outcome_a.rejects.size(); ++index) {
    const auto &x = outcome_a.rejects[index], &y = outcome_b.rejects[index];
    if (x.row != y.row || x.reason != y.reason || x.bytes != y.bytes) std::abort();
    if (x.reason.find('\n') != std::string::npos) std::abort();
  }
  for (std::size_t column = 0; column < a.columns.size(); ++column)
    if (a.columns[column].labels != b.columns[column].labels) std::abort();
}

void check(const MessageView& message, const DecodeOptions& options) {
  static const auto learned = make_row_decoder(schema, {});
  const auto general = make_row_decoder(schema, options, JsonPaths::general_only);
  const auto fresh = make_row_decoder(schema, options);
  Frame expected, frame;
  const auto expected_outcome = general->decode(message, 1, expected);
  const auto outcome = fresh->decode(message, 1, frame);
  check_same(frame, outcome, expected, expected_outcome);
  if (options.format != RowFormat::jsonl || options.non_finite_is_missing) return;
  const auto learned_outcome = learned->decode(message, 1, frame);
  check_same(frame, learned_outcome, expected, expected_outcome);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto block = message_of_lines({reinterpret_cast<const char*>(data), size});
  const MessageView message(block);
  DecodeOptions json;
  check(message, json);
  json.non_finite_is_missing = true;
  check(message, json);
  check(message, csv_options());
  return 0;
}
