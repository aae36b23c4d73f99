// SPDX-License-Identifier: Apache-2.0
#include "source/file_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/error.hpp"
#include "source/input_files.hpp"
#include "source/row_cursor.hpp"
#include "source/row_options.hpp"

namespace millrace {
namespace {

class FileSource : public Source {
 public:
  FileSource(CursorSettings settings, DecodeOptions decode)
      : settings_(std::move(settings)), decode_(std::move(decode)) {
    for (const auto& name : settings_.names) parts_.push_back(input_part(name));
  }

  DecodeOptions decode_options() const override { return decode_; }

  std::vector<std::string> sample(std::size_t most) override {
    std::vector<std::string> sampled;
    RowCursor cursor(settings_);
    std::vector<SourceRow> rows;
    while (sampled.size() < most && !cursor.finished()) {
      cursor.read(most - sampled.size(), rows);
      for (const auto& row : rows) sampled.emplace_back(row.bytes);
    }
    return sampled;
  }

  void read(std::size_t most, std::vector<SourceRow>& rows) override { cursor().read(most, rows); }
  bool finished() const override { return cursor_ && cursor_->finished(); }
  void resume(const SourcePosition& position) override { cursor().go_to(position); }
  std::vector<InputPart> parts() const override { return parts_; }

  std::uint64_t total_bytes() const override {
    std::uint64_t total = 0;
    for (const auto& part : parts_) {
      if (part.hash.empty() || compression_of_file(part.name) != Compression::none) return 0;
      total += part.bytes;
    }
    return total;
  }

 private:
  RowCursor& cursor() {
    if (!cursor_) {
      settings_.standard_input->recording = false;
      cursor_ = std::make_unique<RowCursor>(settings_);
    }
    return *cursor_;
  }

  CursorSettings settings_;
  DecodeOptions decode_;
  std::vector<InputPart> parts_;
  std::unique_ptr<RowCursor> cursor_;
};

const std::vector<OptionSpec>& common_options() {
  static const std::vector<OptionSpec> specs{
      {.name = "path",
       .kind = OptionKind::texts,
       .help = "a file, a glob, or a list of them; .gz and .zst are read as they are; - is standard input",
       .required = true},
      non_finite_option(),
      max_row_bytes_option()};
  return specs;
}

CursorSettings cursor_settings(const Options& options, RowFormat format) {
  CursorSettings settings;
  settings.names =
      input_files(options.texts("path"), format == RowFormat::csv ? "source.csv.path" : "source.jsonl.path");
  settings.format = format;
  settings.max_row_bytes = static_cast<std::size_t>(options.integer("max_row_bytes"));
  return settings;
}

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw Error(ExitCode::project_refused, fmt::format("source.csv.{}: {}", option, why));
}

// The columns that the header lines of all files name alike. Files without a row have no say.
std::vector<std::string> header_columns(const CursorSettings& settings, char delimiter) {
  std::vector<std::string> columns;
  for (const auto& name : settings.names) {
    const auto row = first_row(settings, name);
    if (!row) continue;
    const auto names = split_csv_row(*row, delimiter);
    const auto hint = delimiter_hint(*row, delimiter);
    if (!names) refuse("path", name + ": the quotes of its header line are wrong" + hint);
    if (!hint.empty())
      refuse("delimiter", fmt::format("{}: its header line names one column, {}{}; if it is one, name it in "
                                      "`columns`",
                                      name, *row, hint));
    if (!columns.empty() && *names != columns)
      refuse("path",
             fmt::format("{}: its header line differs from that of {}", name, settings.names.front()));
    columns = *names;
  }
  return columns;
}

void check_columns(const std::vector<std::string>& columns) {
  auto sorted = columns;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    refuse("columns", fmt::format("the name \"{}\" stands twice; give other names", *twice));
}

std::unique_ptr<Source> make_jsonl(const Options& options) {
  return std::make_unique<FileSource>(cursor_settings(options, RowFormat::jsonl),
                                      file_decode_options(options, RowFormat::jsonl));
}

std::unique_ptr<Source> make_csv(const Options& options) {
  auto settings = cursor_settings(options, RowFormat::csv);
  auto decode = file_decode_options(options, RowFormat::csv);
  settings.header = options.boolean("header");
  const bool are_given = !decode.csv_columns.empty();
  if (!are_given && settings.header) decode.csv_columns = header_columns(settings, decode.csv_delimiter);
  if (!are_given && !settings.header)
    refuse("columns", "a file without a header line needs the names of its columns");
  check_columns(decode.csv_columns);
  return std::make_unique<FileSource>(std::move(settings), std::move(decode));
}

}  // namespace

DecodeOptions file_decode_options(const Options& options, RowFormat format) {
  DecodeOptions decode;
  decode.format = format;
  decode.non_finite_is_missing = options.text("non_finite") == "missing";
  decode.max_row_bytes = static_cast<std::size_t>(options.integer("max_row_bytes"));
  if (format == RowFormat::jsonl) return decode;
  decode.csv_delimiter = options.text("delimiter").front();
  if (options.has("missing_values")) decode.csv_missing = options.texts("missing_values");
  if (options.has("columns")) decode.csv_columns = options.texts("columns");
  return decode;
}

SourceInfo jsonl_source() {
  return {{"jsonl", "Rows from files of JSON lines: one object a line.", "", common_options()}, make_jsonl};
}

SourceInfo csv_source() {
  auto options = common_options();
  options.push_back({.name = "header",
                     .kind = OptionKind::boolean,
                     .default_value = true,
                     .help = "does the first line of each file name the columns?"});
  options.push_back({.name = "columns",
                     .kind = OptionKind::texts,
                     .help = "the columns' names; default: from the header line"});
  options.push_back({.name = "delimiter",
                     .kind = OptionKind::text,
                     .default_value = std::string(","),
                     .help = "between two fields",
                     .choices = {",", ";", "\t", "|"}});
  options.push_back(missing_values_option());
  return {{"csv", "Rows from CSV files.", "RFC 4180", std::move(options)}, make_csv};
}

}  // namespace millrace
