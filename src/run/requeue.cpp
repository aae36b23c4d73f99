// SPDX-License-Identifier: Apache-2.0
#include "run/requeue.hpp"

#include <fmt/format.h>

#include "millrace/base/error.hpp"
#include "millrace/base/log.hpp"
#include "millrace/codec/row_encoder.hpp"
#include "millrace/run/requeue.hpp"
#include "millrace/source/live_source.hpp"
#include "run/output_header.hpp"
#include "run/quarantine_source.hpp"
#include "source/file_source.hpp"

namespace millrace {
namespace {

std::string text_or_nothing(const std::map<std::string, std::string>& texts, const std::string& name) {
  const auto found = texts.find(name);
  return found == texts.end() ? "" : found->second;
}

std::string path_of(const Project& project) {
  return project.sink.options.has("path") ? project.sink.options.text("path") : "";
}

void set_path(Project& project, const std::string& path) {
  auto values = project.sink.options.values();
  values["path"] = path;
  project.sink.options = Options({}, std::move(values));
}

bool is_same_place(const std::string& one, const std::string& other) {
  const auto plain = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path + "/")).string();
  };
  return plain(one) == plain(other);
}

// "jsonl(path=...)" is what an output records of its source.
std::string source_kind(const OutputHeader& header) {
  const auto source = text_or_nothing(header.identity, "source");
  return source.substr(0, source.find('('));
}

std::vector<std::string> part_differences(const OutputReader& output, const Project& project) {
  std::vector<std::string> lines;
  const auto kind = source_kind(output.state().header);
  if (project.source.name != kind)
    lines.push_back(fmt::format("source: the rows are of {}, now {}", kind, project.source.name));
  if (project.sink.name == output.sink() && !is_same_place(path_of(project), output.path()))
    lines.push_back(fmt::format("sink.{}.path: {} is to be added to, not {}", project.sink.name,
                                output.path(), path_of(project)));
  return lines;
}

// Of rows that came from files; the files themselves may be gone.
DecodeOptions file_rows(const Project& project, const OutputHeader& header) {
  const bool is_csv = project.source.name == "csv";
  auto decode = file_decode_options(project.source.options, is_csv ? RowFormat::csv : RowFormat::jsonl);
  if (is_csv && decode.csv_columns.empty())
    decode.csv_columns = split_csv_row(text_or_nothing(header.attributes, csv_columns_attribute), ',')
                             .value_or(std::vector<std::string>{});
  return decode;
}

QuarantineSettings quarantine_settings(const Project& project, const OutputReader& output) {
  const auto& info = *find_source(project.source.name);
  QuarantineSettings settings{output.path()};
  if (info.make_live) {
    const auto live = info.make_live(project.source.options);
    settings.decode = live->decode_options();
    settings.payload = live->payload_options();
  } else if (project.source.name == "csv" || project.source.name == "jsonl") {
    settings.decode = file_rows(project, output.state().header);
  } else {
    settings.decode = info.make(project.source.options)->decode_options();
  }
  return settings;
}

RequeueHeader header_of(const PreparedRun& prepared) {
  return {prepared.project.text, chain_text(prepared.steps),
          Chain(prepared.input, prepared.steps).schema_after(), stage_names(prepared)};
}

[[noreturn]] void refuse(const OutputReader& output, const std::vector<std::string>& lines) {
  throw Error(ExitCode::project_refused,
              fmt::format("{} takes no results of this project:\n  {}\nrows that are put back go into the "
                          "columns that are there",
                          output.path(), fmt::join(lines, "\n  ")));
}

void check(const OutputReader& output, const PreparedRun& prepared) {
  auto lines = part_differences(output, prepared.project);
  OutputSettings settings;
  settings.sink = prepared.project.sink.name;
  settings.options = prepared.project.sink.options;
  for (auto& line : output.requeue_differences(settings, header_of(prepared))) lines.push_back(line);
  if (!lines.empty()) refuse(output, lines);
}

// What cuts messages by time or ends a run is the input's.
void leave_out_pacing(Project& project) {
  project.arrival_rate = project.speed = 0;
  project.max_rejects = -1;
}

}  // namespace

std::string csv_columns_text(const DecodeOptions& decode) {
  if (decode.format != RowFormat::csv || decode.csv_columns.empty()) return "";
  Schema schema;
  for (const auto& name : decode.csv_columns) schema.columns.push_back({.name = name});
  std::string text;
  append_header(schema, RowFormat::csv, text);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Project stored_project(const OutputReader& output, const std::vector<std::string>& overrides) {
  const auto text = text_or_nothing(output.state().header.attributes, "project");
  auto project = parse_project(text, "the project of " + output.path(), overrides, build_catalogs());
  if (project.sink.name == output.sink()) set_path(project, output.path());
  return project;
}

PreparedRun prepare_requeue(const OutputReader& output, Project project) {
  PreparedRun prepared;
  leave_out_pacing(project);
  prepared.steps = chain_steps(project);
  prepared.input = project.schema ? *project.schema : parse_schema_json(output.state().header.input_schema);
  prepared.project = std::move(project);
  check(output, prepared);
  auto source = std::make_unique<QuarantineSource>(quarantine_settings(prepared.project, output));
  prepared.requeue = source.get();
  prepared.source = std::move(source);
  return prepared;
}

void open_quarantine(const Output& output, PreparedRun& prepared) {
  if (!output.found()) throw Error(ExitCode::project_refused, path_of(prepared.project) + ": is gone");
  const auto& state = *output.found();
  const auto range = range_to_requeue(state, prepared.project.text);
  prepared.requeue->open(range, state.totals.rows_requeued);
  log_info(range.begin == range.end
               ? fmt::format("{}: no quarantined row is left to be put back", path_of(prepared.project))
               : fmt::format("{}: puts back what was quarantined, from byte {} to {} of the quarantine file",
                             path_of(prepared.project), range.begin, range.end));
}

void begin_requeue(Output& output, const PreparedRun& prepared) {
  output.begin_requeue(header_of(prepared));
}

}  // namespace millrace
