// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "millrace/codec/row_encoder.hpp"
#include "millrace/config/project.hpp"
#include "millrace/run/explanation.hpp"

namespace millrace {
namespace {

constexpr std::size_t most_names = 8;  // of columns on one line; more are counted
constexpr auto margin = "           ";

std::string type_text(const ColumnInfo& info) {
  const auto width = info.width > 0 ? fmt::format("[{}]", info.width) : "";
  return name_of(info.type) + width;
}

std::string columns_text(const Schema& schema) {
  std::string out;
  for (const auto& info : schema.columns) {
    auto line = fmt::format("{}{:<24} {:<8}", margin, info.name, type_text(info));
    if (!info.unit.empty()) line += " " + info.unit;
    if (info.role == Role::key) line += " (key)";
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string changes_text(const Schema& before, const Schema& after) {
  std::string out;
  for (const auto& info : after.columns) {
    const auto& old = before.columns[before.find(info.name).value()];
    if (old != info)
      fmt::format_to(std::back_inserter(out), "{}{}: {} becomes {}\n", margin, info.name, type_text(old),
                     type_text(info));
  }
  const auto gone = before.columns.size() - after.columns.size();
  if (gone > 0)
    fmt::format_to(std::back_inserter(out), "{}{} of {} columns go\n", margin, gone, before.columns.size());
  return out;
}

std::string scope_text(const std::vector<std::string>& columns) {
  if (columns.size() > most_names) return fmt::format("on {} columns", columns.size());
  return fmt::format("on {}", columns.empty() ? "no column" : fmt::format("{}", fmt::join(columns, ", ")));
}

// Lines of the stages, each with what it does to the schema of the one before.
class StageText {
 public:
  void add(const ExplainedStage& stage) {
    fmt::format_to(std::back_inserter(text_), "{:<10} {}\n", stage.stage, summary(stage));
    if (!stage.schema) return;
    if (stage.stage == "prepare") first_ = *stage.schema;
    if (stage.stage == "prepare" || (stage.stage == "result" && *stage.schema != first_))
      text_ += columns_text(*stage.schema);
    else
      text_ += changes_text(before_, *stage.schema);
    before_ = *stage.schema;
  }
  const std::string& text() const { return text_; }

 private:
  std::string summary(const ExplainedStage& stage) const {
    std::vector<std::string> words;
    if (!stage.part.empty()) words.push_back(stage.part);
    if (!stage.options.empty() && stage.options != "{}") words.push_back(stage.options);
    if (!stage.schema) return fmt::format("{}", fmt::join(words, " "));
    if (stage.stage.starts_with("chain")) words.push_back(scope_text(stage.columns));
    if (stage.stage == "prepare") words.push_back(fmt::format("{} columns:", stage.schema->columns.size()));
    if (stage.stage == "result")
      words.push_back(*stage.schema == first_ ? "the columns as prepared"
                                              : fmt::format("{} columns:", stage.schema->columns.size()));
    return fmt::format("{}", fmt::join(words, " "));
  }

  std::string text_;
  Schema first_, before_;
};

std::string layout_text(const Explanation& explanation) {
  const auto plural = [](int number) { return number == 1 ? "" : "s"; };
  const auto workers =
      fmt::format("{} worker{} of {} thread{}", explanation.workers, plural(explanation.workers),
                  explanation.threads, plural(explanation.threads));
  if (explanation.method == "single") return fmt::format("single: one process feeds {}", workers);
  return fmt::format("{}: {} ranks; rank 0 feeds {}{}{}", explanation.method, explanation.workers + 1,
                     workers, explanation.rank_0_works_along ? ", and works along" : "",
                     explanation.workers_are_given ? "" : ", under mpirun as many as it starts");
}

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) items.push_back(json_text(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string stage_json(const ExplainedStage& stage) {
  auto text = fmt::format(R"({{ "stage": {})", json_text(stage.stage));
  if (!stage.part.empty()) text += fmt::format(R"(, "part": {})", json_text(stage.part));
  if (!stage.options.empty()) text += fmt::format(R"(, "options": {})", stage.options);
  if (stage.stage.starts_with("chain")) text += fmt::format(R"(, "works_on": {})", list_of(stage.columns));
  if (stage.schema) text += fmt::format(R"(, "schema": {})", schema_to_json(*stage.schema));
  return text + " }";
}

}  // namespace

std::string explanation_text(const Explanation& explanation) {
  std::string out;
  const auto line = std::back_inserter(out);
  if (!explanation.description.empty()) fmt::format_to(line, "{}\n\n", explanation.description);
  StageText stages;
  for (const auto& stage : explanation.stages) stages.add(stage);
  out += stages.text();
  fmt::format_to(line, "\nlayout: {}\nmemory bound: {}\n", layout_text(explanation),
                 memory_text(explanation.memory));
  for (const auto& warning : explanation.warnings) fmt::format_to(line, "warning: {}\n", warning);
  return out;
}

std::string explanation_json(const Explanation& explanation) {
  const auto& memory = explanation.memory;
  std::vector<std::string> stages;
  for (const auto& stage : explanation.stages) stages.push_back(stage_json(stage));
  return fmt::format(
      "{{ \"description\": {},\n"
      "\"layout\": {{ \"method\": {}, \"ranks\": {}, \"workers\": {}, \"threads_per_worker\": {}, "
      "\"rank_0_works_along\": {} }},\n"
      "\"memory_bound_bytes\": {{ \"rank_0\": {}, \"messages_and_results\": {}, \"sink\": {}, "
      "\"each_worker\": {} }},\n"
      "\"stages\": [\n{}\n],\n\"warnings\": {} }}\n",
      json_text(explanation.description), json_text(explanation.method),
      explanation.method == "single" ? 1 : explanation.workers + 1, explanation.workers, explanation.threads,
      explanation.rank_0_works_along, memory.feeder, memory.messages, memory.sink, memory.worker,
      fmt::join(stages, ",\n"), list_of(explanation.warnings));
}

}  // namespace millrace
