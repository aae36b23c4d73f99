// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/task_by_name.hpp"
#include "millrace/task/task.hpp"

namespace millrace::cli {
namespace {

struct ValueText {
  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const { return '"' + value + '"'; }
  std::string operator()(const std::vector<std::string>& value) const {
    return fmt::format("[{}]", fmt::join(value, ", "));
  }
  std::string operator()(const std::vector<double>& value) const {
    return fmt::format("[{}]", fmt::join(value, ", "));
  }
  template <class Number>
  std::string operator()(Number value) const {
    return fmt::format("{}", value);
  }
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void print_all() {
  for (const auto& task : task_catalog())
    std::printf("%-30s %s\n", task.part.name.c_str(), first_line(task.part.help).c_str());
}

void print_option(const OptionSpec& option) {
  std::string text = fmt::format("  {:<16} {}", option.name, option.help);
  if (!option.choices.empty()) text += fmt::format(" ({})", fmt::join(option.choices, ", "));
  if (!option.unit.empty()) text += fmt::format(" [{}]", option.unit);
  if (option.default_value.index() != 0) text += "; default " + std::visit(ValueText{}, option.default_value);
  std::printf("%s\n", text.c_str());
}

void print_one(const std::string& name) {
  const auto& task = task_by_name(name);
  std::printf("%s\n\n%s\n\nlooks at:  %s\nreference: %s\n", task.part.name.c_str(), task.part.help.c_str(),
              task.scope.c_str(), task.part.reference.c_str());
  if (!task.part.options.empty()) std::printf("\noptions:\n");
  for (const auto& option : task.part.options) print_option(option);
  std::printf("\nexample:\n  %s\n", task.example.c_str());
}

}  // namespace

void add_tasks(CLI::App& app, CommandLine& line) {
  auto* command = app.add_subcommand("tasks", "list the tasks, or explain one");
  const auto name = std::make_shared<std::string>();
  command->add_option("task", *name, "a task's name")->type_name("TASK");
  command->footer("\nExamples:\n  millrace tasks\n  millrace tasks normalizer\n");
  command->callback([name, &line] {
    if (name->empty())
      print_all();
    else
      print_one(*name);
    line.code = ExitCode::done;
  });
}

}  // namespace millrace::cli
