// SPDX-License-Identifier: Apache-2.0
// The table of sinks. A new one: its file, its factory in sink.hpp, its line here.
#include <array>

#include "millrace/base/error.hpp"
#include "sink/sink.hpp"

namespace millrace {
namespace {

OptionSpec path_option(const char* help) {
  return {.name = "path", .kind = OptionKind::text, .help = help, .required = true};
}

OptionSpec rows_option(const char* name, const char* help) {
  return {.name = name,
          .kind = OptionKind::integer,
          .default_value = std::int64_t{1'000'000},
          .unit = "rows",
          .help = help,
          .least = 1};
}

OptionSpec seconds_option(const char* name) {
  return {.name = name,
          .kind = OptionKind::number,
          .default_value = 60.0,
          .unit = "s",
          .help = "commit what is written at the latest after this time",
          .least = 0};
}

std::vector<OptionSpec> hdf5_options() {
  return {
      path_option("folder of the output; results.h5 in it shows all committed rows"),
      rows_option("segment_rows", "commit, and end a segment file, when this many rows are there"),
      seconds_option("segment_seconds"),
      {.name = "compression",
       .kind = OptionKind::text,
       .default_value = std::string("deflate-1"),
       .help = "of the columns, with HDF5's shuffle filter before it",
       .choices = {"none", "deflate-1", "deflate-4", "deflate-9"}},
      {.name = "compression_threads",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{1},
       .help = "threads that compress columns side by side",
       .least = 1,
       .most = 64},
      {.name = "chunk_rows",
       .kind = OptionKind::integer,
       .default_value = std::int64_t{0},
       .unit = "rows",
       .help = "rows of an HDF5 chunk; 0: 1,024 to 32,768, so that a chunk of all columns stays below 16 MB",
       .least = 0,
       .most = 1 << 20},
      {.name = "source_row",
       .kind = OptionKind::boolean,
       .default_value = false,
       .help = "store each result row's index in the stream as column source_row"},
      {.name = "keep_fits",
       .kind = OptionKind::boolean,
       .default_value = false,
       .help =
           "store what the tasks were fitted to in each message, in group fits, so that it can be undone"},
  };
}

std::vector<OptionSpec> text_options(const char* path_help) {
  return {path_option(path_help), rows_option("commit_rows", "commit when this many rows are written"),
          seconds_option("commit_seconds")};
}

std::vector<OptionSpec> mqtt_options() {
  auto options = mqtt_sink_options();
  for (auto& option :
       text_options("name of the files beside which nothing is kept: PATH.manifest, which says up to where "
                    "all is acknowledged, PATH.lock, PATH.rejects.jsonl"))
    options.push_back(std::move(option));
  return options;
}

CommitPolicy hdf5_policy(const Options& options) {
  return {static_cast<std::uint64_t>(options.integer("segment_rows")), options.number("segment_seconds")};
}

CommitPolicy text_policy(const Options& options) {
  return {static_cast<std::uint64_t>(options.integer("commit_rows")), options.number("commit_seconds")};
}

const std::array<SinkPart, 5>& parts() {
  static const std::array<SinkPart, 5> table{{
      {{"hdf5", "HDF5 files, one data set a column, that h5py, pandas and xarray open", "CF-1.8",
        hdf5_options()},
       true,
       make_hdf5_sink,
       hdf5_policy,
       hdf5_memory_bound},
      {{"csv", "one CSV file with a header line", "RFC 4180", text_options("the file")},
       false,
       make_csv_sink,
       text_policy,
       text_memory_bound},
      {{"jsonl", "one file of JSON objects, a line a row", "RFC 8259", text_options("the file")},
       false,
       make_jsonl_sink,
       text_policy,
       text_memory_bound},
      {{"mqtt",
        "publications over MQTT, at least once: after a crash, rows behind the last commit come again",
        "MQTT 3.1.1, 5", mqtt_options()},
       false,
       make_mqtt_sink,
       text_policy,
       mqtt_memory_bound,
       check_mqtt_sink_options},
      {{"null", "nothing is kept; rows are counted", "", {}}, false, nullptr, nullptr, nullptr},
  }};
  return table;
}

}  // namespace

const SinkPart& sink_part(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& part : parts()) {
    if (part.info.name == name) return part;
    names.push_back(part.info.name);
  }
  throw Error(ExitCode::project_refused, "unknown sink " + name + "; nearest: " + nearest_name(name, names));
}

const std::vector<PartInfo>& sink_catalog() {
  static const std::vector<PartInfo> catalog = [] {
    std::vector<PartInfo> all;
    for (const auto& part : parts()) all.push_back(part.info);
    return all;
  }();
  return catalog;
}

}  // namespace millrace
