// SPDX-License-Identifier: Apache-2.0
#include "sink/run_difference.hpp"

#include <fmt/format.h>

#include <set>

namespace millrace {
namespace {

using Lines = std::vector<std::string>;

std::string or_nothing(const std::string& text) {
  return text.empty() ? "nothing" : text;
}

void compare_text(const std::string& name, const std::string& stored, const std::string& now, Lines& lines) {
  if (stored != now)
    lines.push_back(fmt::format("{}: stored {}, now {}", name, or_nothing(stored), or_nothing(now)));
}

std::string described(const ColumnInfo* info) {
  if (info == nullptr) return "";
  auto text = fmt::format("{} {}", info->name, name_of(info->type));
  if (!info->unit.empty()) text += fmt::format(" in {}", info->unit);
  if (info->role == Role::key) text += ", key";
  if (info->type == Type::text)
    text += info->encoding == TextEncoding::codes ? ", codes" : fmt::format(", fixed {}", info->width);
  return text;
}

void compare_columns(const Schema& stored, const Schema& now, Lines& lines) {
  const auto at = [](const Schema& schema, std::size_t column) {
    return column < schema.columns.size() ? &schema.columns[column] : nullptr;
  };
  for (std::size_t column = 0; column < std::max(stored.columns.size(), now.columns.size()); ++column)
    compare_text(fmt::format("result column {}", column + 1), described(at(stored, column)),
                 described(at(now, column)), lines);
}

std::string value_of(const OutputHeader& header, const std::string& key) {
  const auto found = header.identity.find(key);
  return found == header.identity.end() ? "" : found->second;
}

void compare_identity(const OutputHeader& stored, const OutputHeader& now, Lines& lines) {
  std::set<std::string> keys;
  for (const auto& [key, text] : stored.identity) keys.insert(key);
  for (const auto& [key, text] : now.identity) keys.insert(key);
  for (const auto& key : keys) compare_text(key, value_of(stored, key), value_of(now, key), lines);
}

void compare_part(const RecordedPart& stored, const RecordedPart* now, Lines& lines) {
  if (now == nullptr)
    lines.push_back(fmt::format("input {}: recorded with {} bytes, now gone", stored.name, stored.bytes));
  else if (now->name != stored.name)
    lines.push_back(fmt::format("input {}: in its place stands {}; new input must come behind the recorded",
                                stored.name, now->name));
  else if (*now != stored)
    lines.push_back(fmt::format("input {}: changed; stored {} bytes, hash {}, now {} bytes, hash {}",
                                stored.name, stored.bytes, stored.hash, now->bytes, now->hash));
}

void compare_sink(const ManifestState& stored, const BeginEntry& now, Lines& lines) {
  compare_text("sink", stored.sink, now.sink, lines);
  compare_text("source_row", stored.source_row ? "true" : "false", now.source_row ? "true" : "false", lines);
  compare_text("keep_fits", stored.keep_fits ? "true" : "false", now.keep_fits ? "true" : "false", lines);
}

}  // namespace

std::vector<std::string> differences(const ManifestState& stored, const BeginEntry& now) {
  Lines lines;
  const auto& header = stored.output.header;
  compare_sink(stored, now, lines);
  compare_identity(header, now.header, lines);
  compare_text("input schema", header.input_schema, now.header.input_schema, lines);
  compare_columns(header.result_schema, now.header.result_schema, lines);
  for (std::size_t part = 0; part < stored.output.parts.size(); ++part)
    compare_part(stored.output.parts[part], part < now.parts.size() ? &now.parts[part] : nullptr, lines);
  return lines;
}

std::vector<std::string> requeue_differences(const ManifestState& stored, const OutputSettings& settings,
                                             const RequeueHeader& header) {
  Lines lines;
  const auto& options = settings.options;
  compare_sink(stored, {settings.sink, is_set(options, "source_row"), is_set(options, "keep_fits"), {}, {}},
               lines);
  const auto& found = stored.output.header;
  compare_columns(found.result_schema, header.result_schema, lines);
  if (stored.keep_fits) compare_text("chain (with keep_fits)", value_of(found, "chain"), header.chain, lines);
  return lines;
}

bool is_set(const Options& sink, const char* option) {
  return sink.has(option) && sink.boolean(option);
}

}  // namespace millrace
