// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/prepare.hpp"

#include <fmt/format.h>

#include "millrace/base/error.hpp"
#include "millrace/codec/schema_inference.hpp"
#include "millrace/sink/output.hpp"
#include "millrace/sink/planned_output.hpp"
#include "millrace/source/pace.hpp"
#include "run/journalled_source.hpp"
#include "run/live_project.hpp"

namespace millrace {
namespace {

void refuse(const std::vector<std::string>& problems) {
  if (!problems.empty()) throw Error(ExitCode::project_refused, fmt::format("{}", fmt::join(problems, "\n")));
}

Schema schema_of(const PreparedRun& run, std::vector<std::string>& warnings) {
  const auto& project = run.project;
  auto& source = *run.source;
  if (project.schema) return *project.schema;
  const auto most = run.live == nullptr ? project.infer_rows : project.buffering_factor;
  const auto sample = source.sample(static_cast<std::size_t>(most));
  const std::vector<std::string_view> rows(sample.begin(), sample.end());
  auto inferred = infer_schema(rows, source.decode_options());
  if (inferred.schema.columns.empty())
    throw Error(
        ExitCode::project_refused,
        fmt::format(
            "schema: no row of the first {} of the input can be decoded, so nothing can be inferred; check "
            "the source's format, or declare the schema",
            rows.size()));
  warnings = std::move(inferred.warnings);
  return std::move(inferred.schema);
}

// A live source brings its rows only once it runs.
bool is_schema_known(const PreparedRun& run) {
  return run.live == nullptr || run.project.schema.has_value();
}

void make_source(PreparedRun& run) {
  const auto& project = run.project;
  const auto& info = *find_source(project.source.name);
  if (info.make) {
    run.source = info.make(project.source.options);
    return;
  }
  check_live_project(project);
  auto source =
      std::make_unique<JournalledSource>(info.make_live(project.source.options), journal_settings(project));
  run.live = source.get();
  run.source = std::move(source);
}

std::unique_ptr<Source> paced(std::unique_ptr<Source> source, const Project& project, const Schema& schema) {
  if (project.arrival_rate <= 0 && project.speed <= 0) return source;
  PaceSettings settings{project.arrival_rate, project.speed, schema, ""};
  for (const auto& column : schema.columns)
    if (column.type == Type::time && settings.time_column.empty()) settings.time_column = column.name;
  if (project.speed > 0 && settings.time_column.empty())
    throw Error(ExitCode::project_refused,
                "speed: the schema has no column of type time; declare one, or use arrival_rate");
  return make_paced_source(std::move(source), settings, system_clock());
}

}  // namespace

void find_schema(PreparedRun& run) {
  run.input = schema_of(run, run.warnings);
  const Chain chain(run.input, run.steps);
  const auto& sink = run.project.sink;
  run.sink_bytes = sink_memory_bound(sink.name, sink.options, chain.schema_after());
}

Catalogs build_catalogs() {
  Catalogs catalogs;
  for (const auto& source : source_catalog()) catalogs.sources.push_back(source.part);
  for (const auto& task : task_catalog()) catalogs.tasks.push_back(task.part);
  catalogs.sinks = sink_catalog();
  return catalogs;
}

bool rank_0_works_along(const PreparedRun& run) {
  const auto& project = run.project;
  return run.live == nullptr && project.arrival_rate == 0 && project.speed == 0 && project.method != "single";
}

std::vector<ChainStep> chain_steps(const Project& project) {
  std::vector<ChainStep> steps;
  for (const auto& choice : project.chain) steps.push_back({choice.name, choice.options});
  return steps;
}

PreparedRun prepare_run(const Project& project) {
  PreparedRun run;
  run.project = project;
  run.steps = chain_steps(project);
  std::vector<std::string> problems;
  const auto collect = [&](auto&& step) {
    try {
      step();
    } catch (const Error& error) {
      if (error.code() != ExitCode::project_refused) throw;
      problems.emplace_back(error.what());
    }
  };
  collect([&] { check_sink_options(project.sink.name, project.sink.options); });
  if (project.sink.options.has("path"))
    collect([&] { check_sink_place(project.sink.name, project.sink.options.text("path")); });
  collect([&] { make_source(run); });
  if (run.source && is_schema_known(run)) collect([&] { find_schema(run); });
  if (run.source && run.live == nullptr && problems.empty())
    collect([&] { run.source = paced(std::move(run.source), project, run.input); });
  refuse(problems);
  return run;
}

}  // namespace millrace
