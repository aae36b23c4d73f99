// SPDX-License-Identifier: Apache-2.0
#include "run/output_header.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "millrace/base/files.hpp"
#include "millrace/base/log.hpp"
#include "millrace/run/memory_bound.hpp"
#include "run/journalled_source.hpp"
#include "run/live_project.hpp"
#include "run/requeue.hpp"

namespace millrace {
namespace {

struct ToText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& value) const {
    return fmt::format("[{}]", fmt::join(value, ","));
  }
  std::string operator()(const std::vector<double>& value) const {
    return fmt::format("[{}]", fmt::join(value, ","));
  }
};

std::string text_of(const Options& options, const std::vector<std::string>& left_out = {}) {
  std::vector<std::string> items;
  for (const auto& [name, value] : options.values())
    if (std::find(left_out.begin(), left_out.end(), name) == left_out.end())
      items.push_back(fmt::format("{}={}", name, std::visit(ToText{}, value)));
  return fmt::format("({})", fmt::join(items, " "));
}

std::string source_text(const PreparedRun& prepared) {
  const auto& options = prepared.project.source.options;
  return prepared.live == nullptr ? text_of(options, {"path"}) : text_of(row_options(options));
}

}  // namespace

std::string chain_text(const std::vector<ChainStep>& steps) {
  std::vector<std::string> items;
  for (const auto& step : steps) items.push_back(step.task + text_of(step.options));
  return fmt::format("{}", fmt::join(items, ", "));
}

namespace {

// How rows are cut into messages: pacing counts only where it can cut one.
std::string buffering_text(const Project& project) {
  auto text = fmt::format("{} rows, {} bytes", project.buffering_factor, project.buffer_bytes);
  if (project.arrival_rate > 0)
    text += fmt::format(", {} s at {} rows/s", project.buffer_timeout_s, project.arrival_rate);
  if (project.speed > 0)
    text += fmt::format(", {} s at {} times real time", project.buffer_timeout_s, project.speed);
  return text;
}

OutputHeader header_of(const PreparedRun& prepared, const RunSettings& settings) {
  const auto& project = prepared.project;
  OutputHeader header;
  header.identity["source"] = project.source.name + source_text(prepared);
  header.identity["schema"] = project.schema ? schema_to_json(*project.schema) : "infer";
  header.identity["chain"] = chain_text(prepared.steps);
  header.identity["buffering"] = buffering_text(project);
  header.input_schema = schema_to_json(prepared.input);
  header.result_schema = Chain(prepared.input, prepared.steps).schema_after();
  header.stages = stage_names(prepared);
  header.attributes = settings.attributes;
  header.attributes["project"] = project.text;
  if (const auto columns = csv_columns_text(prepared.source->decode_options()); !columns.empty())
    header.attributes[csv_columns_attribute] = columns;
  return header;
}

std::vector<RecordedPart> recorded(const std::vector<InputPart>& parts) {
  std::vector<RecordedPart> all;
  for (const auto& part : parts) all.push_back({part.name, part.bytes, part.hash});
  return all;
}

void begin_to_read(PreparedRun& prepared, const Output& output) {
  if (output.found())
    prepared.source->resume(output.found()->position);
  else if (prepared.live != nullptr)
    prepared.live->open({});
}

}  // namespace

std::unique_ptr<Output> open_output(PreparedRun& prepared, const RunSettings& settings) {
  OutputSettings output_settings;
  output_settings.sink = prepared.project.sink.name;
  output_settings.options = prepared.project.sink.options;
  output_settings.overwrite = settings.overwrite;
  auto output = Output::open(output_settings);
  if (prepared.requeue != nullptr) {
    open_quarantine(*output, prepared);
    return output;
  }
  if (output->found()) {
    if (!prepared.project.schema) prepared.input = parse_schema_json(output->found()->header.input_schema);
    log_info(fmt::format("{}: goes on behind row {}, message {}", prepared.project.sink.name,
                         output->found()->position.row, output->found()->next_sequence));
  }
  if (!prepared.input.columns.empty()) return output;
  begin_to_read(prepared, *output);
  find_schema(prepared);
  return output;
}

void begin_output(Output& output, PreparedRun& prepared, const RunSettings& settings) {
  if (prepared.requeue != nullptr) return begin_requeue(output, prepared);
  output.begin(header_of(prepared, settings), recorded(prepared.source->parts()));
  if (prepared.live == nullptr || !prepared.live->is_open()) begin_to_read(prepared, output);
}

bool is_finished(const Output& output, const Source& source) {
  return output.found() && output.found()->finished && output.found()->parts == recorded(source.parts());
}

std::vector<std::string> stage_names(const PreparedRun& prepared) {
  std::vector<std::string> names{"prepare"};
  for (const auto& step : prepared.steps) names.push_back(step.task);
  return names;
}

void log_memory_bound(const Transport& transport, const PreparedRun& prepared, const Output& output) {
  const int workers = transport.size() - 1;
  log_info(fmt::format("{} worker{}; memory bound: {}", workers, workers == 1 ? "" : "s",
                       memory_text(memory_bound(prepared, output.memory_bound()))));
}

void write_report(const Project& project, const RunReport& report) {
  if (!project.sink.options.has("path")) return;
  const auto path = project.sink.options.text("path");
  const auto name = project.sink.name == "hdf5" ? path + "/report.json" : path + ".report.json";
  try {
    replace_file(name, report_json(report));
  } catch (const Error& error) {
    log_warning(fmt::format("the report could not be written: {}", error.what()));
  }
}

}  // namespace millrace
