// SPDX-License-Identifier: Apache-2.0
#include "millrace/run/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace millrace {
namespace {

std::string buffer_options(const PreparedRun& prepared) {
  const auto& project = prepared.project;
  auto members = fmt::format(R"("buffering_factor":{},"buffer_bytes":{})", project.buffering_factor,
                             project.buffer_bytes);
  if (project.arrival_rate > 0) members += fmt::format(R"(,"arrival_rate":{})", project.arrival_rate);
  if (project.speed > 0) members += fmt::format(R"(,"speed":"{}x")", project.speed);
  if (prepared.live != nullptr || project.arrival_rate > 0 || project.speed > 0)
    members += fmt::format(R"(,"buffer_timeout_s":{})", project.buffer_timeout_s);
  return "{" + members + "}";
}

std::string prepare_options(const PreparedRun& prepared) {
  const auto& project = prepared.project;
  if (project.schema) return R"({"schema":"declared"})";
  if (prepared.live != nullptr) return R"({"schema":"infer"})";
  return fmt::format(R"({{"schema":"infer","infer_rows":{}}})", project.infer_rows);
}

std::optional<Schema> known_schema(const PreparedRun& prepared) {
  if (prepared.input.columns.empty()) return std::nullopt;
  return prepared.input;
}

void explain_without_schema(const PreparedRun& prepared, Explanation& into) {
  for (const auto& choice : prepared.project.chain)
    into.stages.push_back({choice.json_path, choice.name, choice.text});
  into.stages.push_back({.stage = "result"});
  into.warnings.emplace_back(
      "the schema is inferred from the first message that comes, so that the chain is checked only then; "
      "declare it to have it checked before");
}

std::vector<std::string> names_of(const Schema& schema, const std::vector<std::size_t>& places) {
  std::vector<std::string> names;
  for (const auto place : places) names.push_back(schema.columns[place].name);
  return names;
}

bool has_time(const Schema& schema) {
  return std::any_of(schema.columns.begin(), schema.columns.end(),
                     [](const ColumnInfo& info) { return info.type == Type::time; });
}

std::vector<std::string> names_gone(const Schema& before, const Schema& after) {
  std::vector<std::string> names;
  for (const auto& info : before.columns)
    if (!after.find(info.name)) names.push_back(info.name);
  return names;
}

// Goes through the chain with the schema and the number of rows that each task meets.
class ChainExplainer {
 public:
  ChainExplainer(const PreparedRun& prepared, Explanation& into)
      : prepared_(prepared), into_(into), chain_(prepared.input, prepared.steps) {}

  void explain() {
    auto before = prepared_.input;
    auto most_rows = static_cast<std::size_t>(prepared_.project.buffering_factor);
    for (std::size_t step = 0; step < chain_.size(); ++step) {
      const auto& task = chain_.task(step);
      const auto& choice = prepared_.project.chain[step];
      const auto& after = task.schema_after();
      into_.stages.push_back(
          {choice.json_path, choice.name, choice.text, names_of(before, task.columns()), after});
      for (const auto& warning : task.warnings(most_rows)) warn(choice, warning);
      if (const auto gone = names_gone(before, after); !gone.empty())
        warn(choice, fmt::format("gone behind it: {}", fmt::join(gone, ", ")));
      if (prepared_.project.sink.name == "hdf5" && has_time(before) && !has_time(after))
        warn(choice, "no time column is left, so the dimension of the result is row");
      before = after;
      most_rows = task.most_rows_after(most_rows);
    }
    into_.stages.push_back({.stage = "result", .schema = before});
  }

 private:
  void warn(const PartChoice& choice, const std::string& warning) {
    into_.warnings.push_back(fmt::format("{} {}: {}", choice.json_path, choice.name, warning));
  }

  const PreparedRun& prepared_;
  Explanation& into_;
  Chain chain_;
};

}  // namespace

Explanation explain(const PreparedRun& prepared, int workers) {
  const auto& project = prepared.project;
  Explanation explanation;
  explanation.description = project.description;
  explanation.method = project.method;
  explanation.workers = workers;
  explanation.workers_are_given = project.worker_count > 0;
  explanation.threads = static_cast<int>(project.threads_per_worker);
  explanation.rank_0_works_along = rank_0_works_along(prepared);
  explanation.memory = memory_bound(prepared, prepared.sink_bytes);
  explanation.warnings = prepared.warnings;
  explanation.stages.push_back({"source", project.source.name, project.source.text});
  explanation.stages.push_back({.stage = "buffer", .options = buffer_options(prepared)});
  explanation.stages.push_back(
      {.stage = "prepare", .options = prepare_options(prepared), .schema = known_schema(prepared)});
  if (known_schema(prepared))
    ChainExplainer(prepared, explanation).explain();
  else
    explain_without_schema(prepared, explanation);
  explanation.stages.push_back({"sink", project.sink.name, project.sink.text});
  return explanation;
}

}  // namespace millrace
